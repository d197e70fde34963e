package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import io.farpool.interleaving.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many short races between dispatching, completions that block, threads that come and go, and closing. By chance, not by
 * enumeration: the dispatcher's threads watch each other by the clock, which a model checker cannot see pass.
 */
@Timeout(120)
class CompletionDispatcherStressTest {
    private static final int ROUNDS = 300 * Integer.getInteger("farpool.interleavings.factor", 1);
    private static final int PER_THREAD = 20;

    @Test
    void everyCompletionRunsOnceWhoeverBlocksAndWheneverItIsClosed() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            CompletionDispatcher dispatcher = new CompletionDispatcher("stressed");
            AtomicIntegerArray runs = new AtomicIntegerArray(2 * PER_THREAD);
            CountDownLatch blocked = new CountDownLatch(1);
            CountDownLatch all = new CountDownLatch(2 * PER_THREAD);
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            boolean oneBlocks = round % 3 == 0;
            int closeAt = ThreadLocalRandom.current().nextInt(PER_THREAD + 1);
            Interleavings.together(() -> dispatchAll(dispatcher, 0, PER_THREAD + 1, runs, all, threads), () -> {
                if (oneBlocks) {
                    dispatcher.dispatch(() -> {
                        threads.add(Thread.currentThread());
                        awaitQuietly(blocked);
                    });
                }
                dispatchAll(dispatcher, PER_THREAD, closeAt, runs, all, threads);
            });
            // What blocks delays no other.
            assertThat(all.await(30, TimeUnit.SECONDS)).as("round %s", round).isTrue();
            blocked.countDown();
            dispatcher.close();
            Await.until("the threads have ended", () -> threads.stream().noneMatch(Thread::isAlive));
            for (int i = 0; i < runs.length(); i++) {
                assertThat(runs.get(i)).isEqualTo(1);
            }
        }
    }

    private static void dispatchAll(
            CompletionDispatcher dispatcher,
            int first,
            int closeAt,
            AtomicIntegerArray runs,
            CountDownLatch all,
            Set<Thread> threads) {
        List<Runnable> batch = new ArrayList<>();
        for (int i = 0; i < PER_THREAD; i++) {
            int index = first + i;
            batch.add(() -> {
                threads.add(Thread.currentThread());
                runs.incrementAndGet(index);
                all.countDown();
            });
            if (i == closeAt) {
                dispatcher.close();
            }
            if (i % 4 == 3) {
                dispatcher.dispatch(batch);
                batch = new ArrayList<>();
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(200_000));
            }
        }
        dispatcher.dispatch(batch);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
