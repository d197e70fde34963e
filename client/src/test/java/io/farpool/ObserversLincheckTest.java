package io.farpool;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every interleaving, up to a bound, of threads that begin and give up waiting for a future, and of those that complete it. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ObserversLincheckTest {
    private static final class Observer implements CompletionObserver {
        private final AtomicInteger told = new AtomicInteger();

        @Override
        public void futureDone(PoolFuture<?> future) {
            if (!future.isDone()) {
                throw new AssertionError("told too early");
            }
            told.incrementAndGet();
        }
    }

    @Test
    void whoIsAddedIsToldAndWhoComesTooLateIsSentAway() {
        Interleavings.explore(300, () -> {
            PoolFuture<Integer> future = new PoolFuture<>();
            Observer observer = new Observer();
            boolean[] added = new boolean[1];
            Interleavings.together(() -> future.complete(1), () -> added[0] = future.addObserver(observer));
            require(observer.told.get() == (added[0] ? 1 : 0), observer.told);
        });
    }

    @Test
    void whoStaysIsToldOnceAndWhoLeavesAtMostOnce() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> future = new PoolFuture<>();
            Observer stays = new Observer();
            Observer leaves = new Observer();
            boolean[] added = new boolean[2];
            Interleavings.together(
                    () -> added[0] = future.addObserver(stays),
                    () -> {
                        added[1] = future.addObserver(leaves);
                        future.removeObserver(leaves);
                    },
                    () -> future.complete(1),
                    future::cancel);
            require(stays.told.get() == (added[0] ? 1 : 0), stays.told);
            require(leaves.told.get() <= (added[1] ? 1 : 0), leaves.told);
        });
    }

    @Test
    void whoLeavesTakesNobodyElseAlong() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> future = new PoolFuture<>();
            Observer stays = new Observer();
            Observer leaves = new Observer();
            boolean added = future.addObserver(leaves);
            Interleavings.together(
                    () -> require(future.addObserver(stays), "not added"), () -> future.removeObserver(leaves));
            future.complete(1);
            require(added && stays.told.get() == 1 && leaves.told.get() == 0, stays.told + " and " + leaves.told);
        });
    }

    @Test
    void whoGetsTheFutureIsWokenByWhateverCompletesIt() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> future = new PoolFuture<>();
            int[] got = new int[2];
            Interleavings.together(
                    () -> got[0] = future.join(), () -> got[1] = future.result(), () -> future.complete(1), () -> {
                        boolean ignored = future.awaitDone(0);
                    });
            require(got[0] == 1 && got[1] == 1, got[0] + " and " + got[1]);
        });
    }

    @Test
    void anInterruptEndsOneWaitAndIsNotLost() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> future = new PoolFuture<>();
            Thread waiter = Thread.currentThread();
            int[] other = new int[1];
            Interleavings.together(
                    () -> {
                        try {
                            Integer value = future.get();
                            require(value == 1, value);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    },
                    waiter::interrupt,
                    () -> other[0] = future.join(),
                    () -> future.complete(1));
            require(other[0] == 1, other[0]);
            // Thrown, which has set it again above, or kept.
            require(Thread.interrupted(), "no interrupt");
        });
    }
}
