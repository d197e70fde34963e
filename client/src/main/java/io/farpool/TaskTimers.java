package io.farpool;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends tasks at their time limits, with one thread that exists only while there are such tasks, and some time longer. Thread-safe. */
final class TaskTimers {
    /** How long the thread stays when there is nothing to wait for. */
    private static final long IDLE_SECONDS = 60;

    private final String threadName;
    private @Nullable ScheduledThreadPoolExecutor timers;

    TaskTimers(String threadName) {
        this.threadName = threadName;
    }

    /** Has the action run in the timers' thread, unless the future is cancelled before. */
    synchronized Future<?> schedule(Runnable action, Duration delay) {
        if (timers == null) {
            timers = new ScheduledThreadPoolExecutor(1, runnable -> {
                Thread thread = new Thread(runnable, threadName);
                thread.setDaemon(true);
                return thread;
            });
            timers.setRemoveOnCancelPolicy(true);
            timers.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
            timers.allowCoreThreadTimeOut(true);
        }
        return timers.schedule(action, Checks.saturatedNanos(delay), TimeUnit.NANOSECONDS);
    }

    /** What waits is given up. */
    synchronized void close() {
        if (timers != null) {
            timers.shutdownNow();
        }
    }
}
