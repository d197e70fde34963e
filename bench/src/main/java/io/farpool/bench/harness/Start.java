package io.farpool.bench.harness;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One start of a program, up to its first result and to its end: when it got how far, in the order in which it does, by one clock.
 * For one thread.
 */
final class Start {
    private static final String WORKER_PROCESS = "io.farpool.process.WorkerProcess";
    private static final String KRYO = "com.esotericsoftware.kryo.";
    private static final String FROM_ARCHIVE = "(top)";

    /** What becomes of each step: the time from the one before. */
    private final Map<String, Double> stepsMillis = new LinkedHashMap<>();

    private long lastNanos;
    private final long begunNanos;

    /** @param begunNanos when the program's process was about to be started */
    Start(long begunNanos) {
        this.begunNanos = begunNanos;
        this.lastNanos = begunNanos;
    }

    /** A step that ended then; if that was before the end of the one before, it took no time of its own. */
    void step(String name, long endedNanos) {
        long nanos = Math.max(endedNanos, lastNanos);
        stepsMillis.put(name, (nanos - lastNanos) / 1e6);
        lastNanos = nanos;
    }

    /** How long all took until now. */
    void sum(String name) {
        stepsMillis.put(name, (lastNanos - begunNanos) / 1e6);
    }

    Map<String, Double> stepsMillis() {
        return stepsMillis;
    }

    /**
     * What a worker process's log of its classes shows ({@code -Xlog:class+load} with {@code timenanos}).
     *
     * @param launchedNanos its first class was loaded
     * @param mainNanos its main class was
     * @param kryoNanos the first class of Kryo was
     * @param taskNanos the task's class was
     * @param fromArchive its main class came out of an archive
     */
    record Classes(long launchedNanos, long mainNanos, long kryoNanos, long taskNanos, boolean fromArchive) {

        static Classes of(Iterable<String> log, String taskClass) {
            long launched = 0;
            long main = 0;
            long kryo = 0;
            long task = 0;
            boolean fromArchive = false;
            for (String line : log) {
                int end = line.indexOf("ns] ");
                if (!line.startsWith("[") || end < 0) {
                    continue;
                }
                long nanos = Long.parseLong(line.substring(1, end).strip());
                String loaded = line.substring(end + 4);
                launched = launched == 0 ? nanos : launched;
                if (main == 0 && loaded.startsWith(WORKER_PROCESS + " ")) {
                    main = nanos;
                    fromArchive = loaded.contains(FROM_ARCHIVE);
                } else if (kryo == 0 && main != 0 && loaded.startsWith(KRYO)) {
                    kryo = nanos;
                } else if (task == 0 && loaded.startsWith(taskClass + " ")) {
                    task = nanos;
                }
            }
            if (main == 0 || kryo == 0 || task == 0) {
                throw new IllegalArgumentException("the log of classes does not name '" + WORKER_PROCESS + "', '" + KRYO
                        + "…' and '" + taskClass + "' in lines with a time in nanoseconds");
            }
            return new Classes(launched, main, kryo, task, fromArchive);
        }
    }
}
