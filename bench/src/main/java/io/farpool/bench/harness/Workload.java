package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.util.List;
import java.util.Set;

/**
 * One thing that is measured of every system that can do it.
 *
 * @param id in raw results
 * @param title in tables
 * @param what it does, for the report, its warm-up included
 * @param metrics the figures that tables show
 * @param without the systems that it makes no sense for
 * @param warmUpSeconds what consists of several JVMs is asked again and again for so long before what counts, the others for
 *     {@link #FEW_SECONDS} at most; 0: not at all
 * @param opening starts a system for it
 */
public record Workload(
        String id,
        String title,
        String what,
        List<Metric> metrics,
        Set<Kind> without,
        int warmUpSeconds,
        Measurement.Opening opening) {
    /** Enough for systems that have next to nothing to compile. */
    static final int FEW_SECONDS = 8;

    /** How long that system is warmed up. */
    int warmUpSeconds(Kind kind) {
        return switch (kind) {
            case FARPOOL_EMBEDDED, FARPOOL_CLUSTER, IGNITE, HAZELCAST, FLOOR -> warmUpSeconds;
            case PYTHON, LOCAL -> Math.min(FEW_SECONDS, warmUpSeconds);
        };
    }
}
