package io.farpool.bench.harness;

/**
 * One figure that a workload gives.
 *
 * @param name in raw results; says its unit
 * @param title in tables
 * @param higherIsBetter whether more is better
 */
public record Metric(String name, String title, boolean higherIsBetter) {
    /** More is better. */
    public static Metric higher(String name, String title) {
        return new Metric(name, title, true);
    }

    /** Less is better. */
    public static Metric lower(String name, String title) {
        return new Metric(name, title, false);
    }
}
