package io.farpool.bench.harness;

import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * Measures systems in rotation: round one of each, then round two of each, so that what disturbs the machine for a while disturbs all of
 * them. Each system is in processes of its own, new ones for every workload. For one thread.
 */
public final class Rotation {
    private final Setup setup;
    private final Results results;

    /** Adds to these results. */
    public Rotation(Setup setup, Results results) {
        this.setup = setup;
        this.results = results;
    }

    /** Measures one workload. A system that fails is left out from there on; the others go on. */
    public void run(Workload workload) throws InterruptedException {
        System.err.println("== " + workload.title());
        Map<Kind, Measurement> running = new EnumMap<>(Kind.class);
        try {
            for (Kind kind : setup.kinds()) {
                if (!workload.without().contains(kind)) {
                    attempt(
                            workload,
                            kind,
                            running,
                            () -> running.put(kind, workload.opening().open(setup, kind)));
                }
            }
            warmUp(workload, running);
            for (int round = 0; round < setup.rounds(); round++) {
                for (Kind kind : List.copyOf(running.keySet())) {
                    attempt(workload, kind, running, () -> measure(workload, kind, running, true));
                }
            }
        } finally {
            running.values().forEach(Measurement::close);
        }
    }

    /** In rotation too: worker processes that have nothing to do for a minute are ended. */
    private void warmUp(Workload workload, Map<Kind, Measurement> running) throws InterruptedException {
        Map<Kind, Long> spent = new EnumMap<>(Kind.class);
        List<Kind> cold = cold(workload, running, spent);
        while (!cold.isEmpty()) {
            for (Kind kind : cold) {
                long begun = System.nanoTime();
                attempt(workload, kind, running, () -> measure(workload, kind, running, false));
                spent.merge(kind, System.nanoTime() - begun, Long::sum);
            }
            cold = cold(workload, running, spent);
        }
    }

    private List<Kind> cold(Workload workload, Map<Kind, Measurement> running, Map<Kind, Long> spentNanos) {
        return running.keySet().stream()
                .filter(kind -> {
                    long enough = TimeUnit.SECONDS.toNanos(workload.warmUpSeconds(kind));
                    return spentNanos.getOrDefault(kind, 0L) < (setup.quick() ? Math.min(1, enough) : enough);
                })
                .toList();
    }

    private void measure(Workload workload, Kind kind, Map<Kind, Measurement> running, boolean counts)
            throws IOException, InterruptedException {
        Measurement measurement = running.get(kind);
        if (measurement == null) {
            return;
        }
        Map<String, Double> values = counts ? measurement.measure() : measurement.warmUp();
        StringJoiner shown = new StringJoiner(" ");
        values.forEach((name, value) -> shown.add(name + "=" + String.format(Locale.ROOT, "%.4g", value)));
        System.err.println("   " + kind.id() + (counts ? " " : " (warm-up) ") + shown);
        if (counts) {
            results.add(workload.id(), kind, values);
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void attempt(Workload workload, Kind kind, Map<Kind, Measurement> running, Step step)
            throws InterruptedException {
        try {
            step.run();
        } catch (IOException failure) {
            String why = String.valueOf(failure.getMessage());
            System.err.println("   " + kind.id() + " FAILED: " + why);
            results.fail(workload.id(), kind, why);
            Measurement failed = running.remove(kind);
            if (failed != null) {
                failed.close();
            }
        }
    }
}
