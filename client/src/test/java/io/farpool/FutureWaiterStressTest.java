package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.interleaving.Interleavings;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many futures that are completed just as somebody begins to wait for them. By chance, not by enumeration: under a model
 * checker a parked thread may return early, so there a wake-up that is lost is not missed.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FutureWaiterStressTest {
    private static final long FOR_NANOS =
            TimeUnit.SECONDS.toNanos(1) * Integer.getInteger("farpool.interleavings.factor", 1);

    @Test
    void whoBeginsToWaitWhileItCompletesIsWoken() {
        AtomicReference<PoolFuture<Integer>> next = new AtomicReference<>();
        PoolFuture<Integer> end = new PoolFuture<>();
        Interleavings.together(
                () -> {
                    long startedNanos = System.nanoTime();
                    for (int i = 0; System.nanoTime() - startedNanos < FOR_NANOS; i++) {
                        PoolFuture<Integer> future = new PoolFuture<>();
                        next.set(future);
                        for (int pause = 0; pause < i % 64; pause++) {
                            Thread.onSpinWait();
                        }
                        assertThat(future.join()).isEqualTo(1);
                    }
                    next.set(end);
                },
                () -> {
                    PoolFuture<Integer> future = null;
                    while (future != end) {
                        future = next.getAndSet(null);
                        if (future == null) {
                            Thread.yield();
                        } else {
                            future.complete(1);
                        }
                    }
                });
    }
}
