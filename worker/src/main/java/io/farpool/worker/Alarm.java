package io.farpool.worker;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host core's clock, and what rings when the core wants to look at it. It also ticks, so that it knows when this whole
 * process was stopped: by SIGSTOP, a debugger, or a machine that gave it no time.
 *
 * <p>Set and told to have rung on the host's queue only; the time and the gap may be asked for anywhere.
 */
final class Alarm {
    static final long TICK_MILLIS = 250;
    /** Ticks that are later than this were not only delayed. */
    static final long GAP_MILLIS = 1_000;

    private static final Logger log = LoggerFactory.getLogger(Alarm.class);

    private final ScheduledExecutorService timer;
    private final Runnable ring;
    private final LongSupplier nanoTime;
    /** From a clock without jumps to the epoch's, which it so follows closely, and is not ahead of. */
    private final long clockOffsetNanos;

    private @Nullable Future<?> pending;
    private long dueMillis = Long.MAX_VALUE;
    private long lastTickMillis;
    private long gapMillis;

    /** @param ring called on the timer's thread; must lead to {@link #rang} on the queue */
    Alarm(ScheduledExecutorService timer, Runnable ring) {
        this(timer, ring, System::nanoTime);
    }

    Alarm(ScheduledExecutorService timer, Runnable ring, LongSupplier nanoTime) {
        this.timer = timer;
        this.ring = ring;
        this.nanoTime = nanoTime;
        this.clockOffsetNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - nanoTime.getAsLong();
        this.lastTickMillis = nowMillis();
    }

    /** Ticks from here on; after a gap, rings. What was before is no gap, however long it took. */
    void startTicking() {
        restartTicks();
        var unused = timer.scheduleWithFixedDelay(
                () -> {
                    if (tick()) {
                        ring.run();
                    }
                },
                TICK_MILLIS,
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private synchronized void restartTicks() {
        lastTickMillis = nowMillis();
        gapMillis = 0;
    }

    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(clockOffsetNanos + nanoTime.getAsLong());
    }

    /** Whether there was a gap before this tick. */
    synchronized boolean tick() {
        findGap();
        lastTickMillis = nowMillis();
        return gapMillis > 0;
    }

    /**
     * How long this process was stopped since this was asked last; 0: it was not. Whoever comes first after the gap finds it:
     * the event that is about to be applied may well be older than the next tick.
     */
    synchronized long takeGapMillis() {
        findGap();
        long gap = gapMillis;
        gapMillis = 0;
        return gap;
    }

    private void findGap() {
        long sinceTickMillis = nowMillis() - lastTickMillis;
        if (sinceTickMillis > TICK_MILLIS + GAP_MILLIS) {
            gapMillis += sinceTickMillis - TICK_MILLIS;
            lastTickMillis = nowMillis();
        }
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
