package io.farpool.worker;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host core's clock, and what rings when the core wants to look at it. Set and told to have rung on the host's queue
 * only; the time may be asked for anywhere.
 */
final class Alarm {
    private static final Logger log = LoggerFactory.getLogger(Alarm.class);

    private final ScheduledExecutorService timer;
    private final Runnable ring;
    /** Close to the epoch's, without its jumps. */
    private final long clockOffsetMillis =
            System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());

    private @Nullable Future<?> pending;
    private long dueMillis = Long.MAX_VALUE;

    /** @param ring called on the timer's thread; must lead to {@link #rang} on the queue */
    Alarm(ScheduledExecutorService timer, Runnable ring) {
        this.timer = timer;
        this.ring = ring;
    }

    long nowMillis() {
        return clockOffsetMillis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Rings at the given time, unless it rings earlier anyway. */
    void set(long atMillis) {
        if (atMillis >= dueMillis) {
            return;
        }
        if (pending != null) {
            pending.cancel(false);
        }
        dueMillis = atMillis;
        try {
            pending = timer.schedule(ring, Math.max(1, atMillis - nowMillis()), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            log.debug("event=host-already-closed");
        }
    }

    void rang() {
        dueMillis = Long.MAX_VALUE;
    }
}
