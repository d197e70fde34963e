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
 * @param warmUpSeconds a system is asked again and again for so long before what counts; 0: not at all
 * @param opening starts a system for it
 */
public record Workload(
        String id,
        String title,
        String what,
        List<Metric> metrics,
        Set<Kind> without,
        int warmUpSeconds,
        Measurement.Opening opening) {}
