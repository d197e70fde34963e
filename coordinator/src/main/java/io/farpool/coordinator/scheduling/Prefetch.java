package io.farpool.coordinator.scheduling;

/**
 * How many tasks of a session a slot is sent ahead of need, from how long its tasks have taken lately: enough to hide a
 * round trip, and for a process to send outcomes several at a time, when they take some milliseconds or less; one, or none, when a
 * round trip does not matter.
 */
final class Prefetch {
    /** The weight of the newest measurement. High enough that a change of work shows within some ten tasks. */
    private static final double NEWEST = 0.125;
    /** From this mean on, a round trip between two tasks is well below one per cent. */
    private static final double LONG_TASK_NANOS = 250e6;

    private final long targetNanos;
    private final int most;
    private double meanNanos = -1;
    private int depth = 1;

    Prefetch(SchedulerSettings settings) {
        targetNanos = settings.prefetchNanos();
        most = settings.prefetchTasksPerSlot();
    }

    /** A task took so long. */
    void observe(long runNanos) {
        if (runNanos <= 0) {
            return;
        }
        meanNanos = meanNanos < 0 ? runNanos : meanNanos + NEWEST * (runNanos - meanNanos);
        depth = meanNanos >= LONG_TASK_NANOS
                ? 0
                : (int) Math.min(most, Math.max(1, Math.ceil(targetNanos / meanNanos)));
    }

    /** Tasks per slot beyond the one that runs. */
    int depth() {
        return depth;
    }
}
