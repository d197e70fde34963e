package io.farpool.blob;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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
    private final Executor afterStall;
    /** Null once it has ended: the timer keeps this object until it looks again, and must not keep the transfer too. */
    private volatile @Nullable Runnable whenStalled;

    private StallWatch(Executor afterStall, Runnable whenStalled) {
        this.afterStall = afterStall;
        this.whenStalled = whenStalled;
    }

    /**
     * Begins to watch.
     *
     * @param executor runs {@code whenStalled}, at most once
     */
    public static StallWatch start(Duration stall, Executor executor, Runnable whenStalled) {
        return start(CompletableFuture.delayedExecutor(stall.toMillis(), TimeUnit.MILLISECONDS, executor), whenStalled);
    }

    /**
     * Begins to watch, by any clock.
     *
     * @param afterStall runs what it is given after the time that the transfer may stand still
     */
    public static StallWatch start(Executor afterStall, Runnable whenStalled) {
        StallWatch watch = new StallWatch(afterStall, whenStalled);
        watch.lookAgainAfter(0);
        return watch;
    }

    /** Something has been sent or received. */
    public void progressed() {
        steps.incrementAndGet();
    }

    /** The transfer is over. */
    public void end() {
        whenStalled = null;
    }

    private void lookAgainAfter(long stepsSeen) {
        afterStall.execute(() -> {
            long stepsNow = steps.get();
            Runnable ifStalled = whenStalled;
            if (ifStalled != null && stepsNow != stepsSeen) {
                lookAgainAfter(stepsNow);
            } else if (ifStalled != null) {
                whenStalled = null;
                ifStalled.run();
            }
        });
    }
}
