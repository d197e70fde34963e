package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StallWatchTest {
    private static final Duration STALL = Duration.ofMillis(20);

    @Test
    void whatStandsStillIsNoticedOnce() throws InterruptedException {
        AtomicInteger stalls = new AtomicInteger();
        CountDownLatch stalled = new CountDownLatch(1);
        Semaphore looks = new Semaphore(0);
        StallWatch.start(
                STALL,
                task -> {
                    task.run();
                    looks.release();
                },
                () -> {
                    stalls.incrementAndGet();
                    stalled.countDown();
                });
        assertThat(stalled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(looks.tryAcquire(1, 20, TimeUnit.SECONDS)).isTrue();
        assertThat(looks.tryAcquire(100, TimeUnit.MILLISECONDS))
                .as("it looks no further")
                .isFalse();
        assertThat(stalls).hasValue(1);
    }

    @Test
    void whatGoesOnOrHasEndedIsLeftAlone() throws InterruptedException {
        AtomicInteger stalls = new AtomicInteger();
        AtomicReference<StallWatch> watch = new AtomicReference<>();
        Semaphore looks = new Semaphore(0);
        CountDownLatch known = new CountDownLatch(1);
        watch.set(StallWatch.start(
                STALL,
                look -> {
                    try {
                        assertThat(known.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    if (looks.availablePermits() < 4) {
                        watch.get().progressed();
                    } else {
                        watch.get().end();
                    }
                    look.run();
                    looks.release();
                },
                stalls::incrementAndGet));
        known.countDown();

        assertThat(looks.tryAcquire(5, 20, TimeUnit.SECONDS)).isTrue();
        assertThat(looks.tryAcquire(100, TimeUnit.MILLISECONDS))
                .as("it looks no further")
                .isFalse();
        assertThat(stalls).hasValue(0);
    }
}
