package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Event;
import io.farpool.wire.SerialQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's one thread of its own, a daemon: it tells the core that time has passed, when that can change
 * something, and goes
 * on with the queue when whoever drained it has done its turn.
 */
final class Ticker implements Executor, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Ticker.class);
    private static final long TICK_MILLIS = 100;
    /** A longer time between two ticks means that this whole process was stopped. */
    private static final long GAP_MILLIS = 2_000;

    private final ScheduledExecutorService thread;
    private final LongSupplier clockMillis;
    private long lastTickMillis;
    private @Nullable ScheduledFuture<?> ticking;

    Ticker(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread ticker = new Thread(task, "farpool-coordinator");
            ticker.setDaemon(true);
            return ticker;
        });
    }

    void start(Switchboard switchboard, SerialQueue<Runnable> queue) {
        lastTickMillis = clockMillis.getAsLong();
        ticking = thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        tick(switchboard, queue);
                    } catch (RuntimeException | Error bug) {
                        // Thrown on, it would silence the clock for good.
                        log.error("core=coordinator tick=failed: a bug", bug);
                    }
                },
                TICK_MILLIS,
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void tick(Switchboard switchboard, SerialQueue<Runnable> queue) {
        long nowMillis = clockMillis.getAsLong();
        long gapMillis = nowMillis - lastTickMillis - TICK_MILLIS;
        lastTickMillis = nowMillis;
        if (gapMillis > GAP_MILLIS) {
            log.warn("gap_millis={} this process was stopped for that long; every lease is extended by it", gapMillis);
            queue.post(() -> switchboard.tell(new Event.ClockJumped(gapMillis)));
        }
        if (nowMillis >= switchboard.deadlineMillis()) {
            queue.post(() -> switchboard.tell(new Event.TimePassed()));
        }
    }

    @Override
    public void execute(Runnable turn) {
        try {
            thread.execute(turn);
        } catch (RejectedExecutionException closed) {
            log.debug("a turn of the queue came after the end");
        }
    }

    @Override
    public void close() {
        ScheduledFuture<?> ticks = ticking;
        if (ticks != null) {
            ticks.cancel(false);
        }
        thread.shutdown();
    }
}
