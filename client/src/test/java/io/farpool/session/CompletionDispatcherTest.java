package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CompletionDispatcherTest {
    private final CompletionDispatcher dispatcher = new CompletionDispatcher("dispatching-" + System.nanoTime());

    @AfterEach
    void close() {
        dispatcher.close();
    }

    @Test
    void runsInTheOrderDispatched() throws Exception {
        List<Integer> order = new CopyOnWriteArrayList<>();
        CountDownLatch all = new CountDownLatch(1_000);
        for (int batch = 0; batch < 10; batch++) {
            int first = batch * 100;
            dispatcher.dispatch(IntStream.range(first, first + 100)
                    .<Runnable>mapToObj(i -> () -> {
                        order.add(i);
                        all.countDown();
                    })
                    .toList());
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        // A thread that the machine did not schedule for a while may have lost the lead, and its completion be
        // overtaken.
        assertThat(order).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(order.subList(0, 100)).contains(0, 1, 2);
    }

    @Test
    void aCompletionThatBlocksDelaysNoOther() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger blocked = new AtomicInteger();
        CountDownLatch others = new CountDownLatch(100);
        List<Runnable> completions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            completions.add(() -> {
                blocked.incrementAndGet();
                awaitQuietly(release);
                blocked.decrementAndGet();
            });
            completions.add(others::countDown);
        }
        dispatcher.dispatch(completions);
        assertThat(others.await(30, TimeUnit.SECONDS)).isTrue();
        Await.until("all block", () -> blocked.get() == 100);
        release.countDown();
        Await.until("none blocks", () -> blocked.get() == 0);
    }

    @Test
    void aCompletionMayWaitForOneDispatchedLater() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        dispatcher.dispatch(() -> {
            dispatcher.dispatch(second::countDown);
            awaitQuietly(second);
            first.countDown();
        });
        assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void goesOnAfterOneThatThrows() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        dispatcher.dispatch(List.of(
                () -> {
                    throw new IllegalStateException("a completion's own, to be logged");
                },
                () -> Thread.currentThread().interrupt(),
                ran::countDown));
        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void fewThreadsDoWhileNothingBlocks() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(20_000);
        for (int i = 0; i < 20_000; i++) {
            dispatcher.dispatch(() -> {
                threads.add(Thread.currentThread());
                all.countDown();
            });
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(threads).hasSizeLessThan(10);
        assertThat(threads).allMatch(Thread::isDaemon);
    }

    @Test
    void finishesItsQueueWhenClosedAndItsThreadsEnd() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            dispatcher.dispatch(() -> {
                threads.add(Thread.currentThread());
                ran.incrementAndGet();
            });
        }
        dispatcher.close();
        dispatcher.dispatch(ran::incrementAndGet);
        Await.until("all have run", () -> ran.get() == 101);
        Await.until("the threads have ended", () -> threads.stream().noneMatch(Thread::isAlive));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
