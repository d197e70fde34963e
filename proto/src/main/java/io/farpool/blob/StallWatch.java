package io.farpool.blob;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Notices a transfer that goes on neither way. A transfer may take as long as its size and the line make it take, so there
 * is no deadline for the whole, but none may stand still for ever.
 *
 * <p>Thread-safe.
 */
public final class StallWatch {
    /** How long a transfer may stand still; it is noticed within twice that. */
    public static final Duration STALL = Duration.ofSeconds(60);

    private final AtomicLong steps = new AtomicLong();
    private final long stallMillis;
    private final Executor executor;
    private final Runnable whenStalled;
    private volatile boolean ended;

    private StallWatch(Duration stall, Executor executor, Runnable whenStalled) {
        this.stallMillis = stall.toMillis();
        this.executor = executor;
        this.whenStalled = whenStalled;
    }

    /**
     * Begins to watch.
     *
     * @param executor runs {@code whenStalled}, at most once
     */
    public static StallWatch start(Duration stall, Executor executor, Runnable whenStalled) {
        StallWatch watch = new StallWatch(stall, executor, whenStalled);
        watch.lookAgainAfter(0);
        return watch;
    }

    /** Something has been sent or received. */
    public void progressed() {
        steps.incrementAndGet();
    }

    /** The transfer is over. */
    public void end() {
        ended = true;
    }

    private void lookAgainAfter(long stepsSeen) {
        CompletableFuture.delayedExecutor(stallMillis, TimeUnit.MILLISECONDS, executor)
                .execute(() -> {
                    long stepsNow = steps.get();
                    if (!ended && stepsNow != stepsSeen) {
                        lookAgainAfter(stepsNow);
                    } else if (!ended) {
                        ended = true;
                        whenStalled.run();
                    }
                });
    }
}
