package io.farpool.bench.report;

import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.harness.Workloads;
import io.farpool.bench.system.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of one figure, by another figure of the same run.
 *
 * @param what for people
 * @param reference the figure it is divided by; null: none
 * @param limit the ratio, or the figure itself
 * @param atLeast whether the limit is the least, or the most
 */
record Goal(String what, Figure figure, @Nullable Figure reference, double limit, boolean atLeast) {

    /** Where a figure is found. */
    record Figure(String workload, Kind kind, String metric) {}

    /** The project's goals. */
    static List<Goal> all() {
        List<Goal> goals = new ArrayList<>();
        String rate = "tasks_per_s";
        Figure cluster = new Figure(Workloads.THROUGHPUT, Kind.FARPOOL_CLUSTER, rate);
        goals.add(least("no-op rate: cluster by Ignite", cluster, at(cluster, Kind.IGNITE), 5));
        goals.add(least("no-op rate: cluster by Python", cluster, at(cluster, Kind.PYTHON), 15));
        goals.add(least("no-op rate: embedded by cluster", at(cluster, Kind.FARPOOL_EMBEDDED), cluster, 1));
        Figure map = new Figure(Workloads.MAP_64, Kind.FARPOOL_CLUSTER, "items_per_s");
        goals.add(least("map in chunks of 64: cluster by Python", map, at(map, Kind.PYTHON), 3));
        goals.add(least(
                "map in chunks of 64: embedded by Python", at(map, Kind.FARPOOL_EMBEDDED), at(map, Kind.PYTHON), 3));
        Figure latency = new Figure(Workloads.LATENCY, Kind.FARPOOL_CLUSTER, "p50_us");
        goals.add(most(
                "latency p50: embedded by Python", at(latency, Kind.FARPOOL_EMBEDDED), at(latency, Kind.PYTHON), 0.7));
        goals.add(most("latency p50: cluster by the floor", latency, at(latency, Kind.FLOOR), 1.2));
        goals.add(most("latency p50: cluster by Hazelcast", latency, at(latency, Kind.HAZELCAST), 1));
        goals.add(most("latency p50: cluster by Ignite", latency, at(latency, Kind.IGNITE), 1));
        Figure large = new Figure(Workloads.ECHO_64_MIB, Kind.FARPOOL_CLUSTER, "mb_per_s");
        goals.add(least("64 MiB: cluster by the gRPC relay", large, at(large, Kind.FLOOR), 0.8));
        goals.add(least("64 MiB: embedded by Python", at(large, Kind.FARPOOL_EMBEDDED), at(large, Kind.PYTHON), 3));
        for (Kind kind : List.of(Kind.FARPOOL_EMBEDDED, Kind.FARPOOL_CLUSTER)) {
            Figure ten = new Figure(Workloads.SPIN_10_MS, kind, "efficiency");
            Figure one = new Figure(Workloads.SPIN_1_MS, kind, "efficiency");
            goals.add(
                    least("efficiency at 10 ms: " + kind.title() + " by in-process", ten, at(ten, Kind.LOCAL), 0.995));
            goals.add(least("efficiency at 1 ms: " + kind.title() + " by in-process", one, at(one, Kind.LOCAL), 0.97));
        }
        Figure cold = new Figure(Workloads.COLD_START, Kind.FARPOOL_EMBEDDED, "exit_s");
        goals.add(most("cold start: embedded by the floor", cold, at(cold, Kind.FLOOR), 1.5));
        Figure archived = new Figure(Workloads.COLD_START, Kind.FARPOOL_EMBEDDED, "cds_exit_s");
        goals.add(most(
                "cold start with archives: embedded by the floor with archives",
                archived,
                at(archived, Kind.FLOOR),
                1.5));
        for (Kind peer : List.of(Kind.IGNITE, Kind.HAZELCAST)) {
            goals.add(most("cold start: embedded by " + peer.title(), cold, at(cold, peer), 1 / 3.0));
            goals.add(most(
                    "cold start with archives: embedded by " + peer.title(), archived, at(archived, peer), 1 / 3.0));
        }
        goals.add(most(
                "makespan: cluster by the ideal pool",
                new Figure(Workloads.MAKESPAN, Kind.FARPOOL_CLUSTER, "by_ideal"),
                null,
                1.02));
        Figure makespan = new Figure(Workloads.MAKESPAN, Kind.FARPOOL_CLUSTER, "makespan_s");
        for (Kind peer : List.of(Kind.PYTHON, Kind.IGNITE, Kind.HAZELCAST)) {
            goals.add(most("makespan: cluster by " + peer.title(), makespan, at(makespan, peer), 1.02));
        }
        for (Kind kind : List.of(Kind.FARPOOL_EMBEDDED, Kind.FARPOOL_CLUSTER)) {
            goals.add(most(
                    "CPU µs per no-op: " + kind.title(),
                    new Figure(Workloads.THROUGHPUT, kind, "cpu_us_per_task"),
                    null,
                    9));
        }
        return goals;
    }

    private static Figure at(Figure figure, Kind kind) {
        return new Figure(figure.workload(), kind, figure.metric());
    }

    private static Goal least(String what, Figure figure, Figure reference, double limit) {
        return new Goal(what, figure, reference, limit, true);
    }

    private static Goal most(String what, Figure figure, @Nullable Figure reference, double limit) {
        return new Goal(what, figure, reference, limit, false);
    }

    /** Whether a run of these workloads and systems can say anything about it. */
    boolean isOf(List<String> workloads, List<Kind> kinds) {
        return workloads.contains(figure.workload())
                && kinds.contains(figure.kind())
                && (reference == null || kinds.contains(reference.kind()));
    }

    /** What it is compared by, in this run: ratios round by round. Null when something of it was not measured. */
    @Nullable
    Statistics seen(Results results) {
        List<Double> values = rounds(results, figure);
        if (reference == null) {
            return values.isEmpty() ? null : Statistics.of(values);
        }
        List<Double> references = rounds(results, reference);
        return values.isEmpty() || references.isEmpty() ? null : Statistics.ratios(values, references);
    }

    private static List<Double> rounds(Results results, Figure figure) {
        return results.rounds(figure.workload(), figure.kind(), figure.metric());
    }

    /** Whether the median of the ratios is within the limit. */
    boolean met(Statistics seen) {
        return atLeast ? seen.median() >= limit : seen.median() <= limit;
    }

    String wanted() {
        return (atLeast ? "≥ " : "≤ ") + Figures.of(limit);
    }
}
