package io.farpool.worker.hosting;

/**
 * How long a session's tasks run, as a moving average, and how many of them a process should therefore be handed at once:
 * enough that it never waits for the next one, and so few that none waits long behind another.
 */
final class TaskLength {
    /** What a process should have before it, beside the task it runs: twice what it gathers outcomes for. */
    private static final long WORK_AHEAD_NANOS = 16_000_000;

    /** What takes less is done before it could be elsewhere. */
    private static final long WORTH_MOVING_NANOS = 1_000_000;

    private static final long LONG_TASK_NANOS = 50_000_000;
    private static final int MOST_IN_FLIGHT = 256;

    /** So often markers are looked at, at most and at least: with every look a thread wakes, beside tasks that want the cores. */
    private static final long SOONEST_LOOK_MILLIS = 5;

    private static final long LATEST_LOOK_MILLIS = 20;
    private static final long UNKNOWN = -1;

    private long averageNanos = UNKNOWN;

    void add(long runNanos) {
        long sample = Math.max(0, runNanos);
        if (averageNanos == UNKNOWN) {
            averageNanos = sample;
        } else if (sample > averageNanos) {
            // Longer than thought is believed sooner than shorter: holding too much behind a long task is the worse
            // mistake.
            averageNanos += (sample - averageNanos) / 2;
        } else {
            averageNanos -= (averageNanos - sample) / 8;
        }
    }

    /** Most attempts in flight at one process, the one it runs included. */
    int depth() {
        if (averageNanos == UNKNOWN || averageNanos > LONG_TASK_NANOS) {
            return 1;
        }
        return (int) Math.min(MOST_IN_FLIGHT, 1 + Math.max(1, WORK_AHEAD_NANOS / Math.max(1, averageNanos)));
    }

    /** How long after a task was sent, or looked at last, its process's marker is worth a look: as long as one takes. */
    long lookAfterMillis() {
        return Math.max(SOONEST_LOOK_MILLIS, Math.min(LATEST_LOOK_MILLIS, averageNanos / 1_000_000));
    }

    /** Whether so many tasks are work enough to be worth taking from one process to another. */
    boolean isWorthMoving(int tasks) {
        return averageNanos == UNKNOWN || tasks * averageNanos >= WORTH_MOVING_NANOS;
    }

    /** Whether a task that has run so long is out of the ordinary. */
    boolean isSlow(long runMillis) {
        return averageNanos == UNKNOWN || runMillis * 1_000_000 > 2 * averageNanos;
    }
}
