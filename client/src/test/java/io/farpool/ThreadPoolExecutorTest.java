package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is particular to threads; the rest is the contract's. */
@Timeout(60)
class ThreadPoolExecutorTest {
    @Test
    @DisplayName("1. as many threads by default as there are processors and four more, at most 32")
    void hasAFewMoreThreadsThanProcessorsByDefault() {
        try (PoolExecutor pool = ThreadPoolExecutor.create()) {
            int expected = Math.min(32, Runtime.getRuntime().availableProcessors() + 4);
            assertThat(pool.info()).isEqualTo(new PoolInfo(1, expected, 0, 0, 0, 0));
        }
    }

    @Test
    void namesItsThreads() {
        try (PoolExecutor pool = ThreadPoolExecutor.builder()
                .threadNamePrefix("mine")
                .maxWorkers(2)
                .build()) {
            assertThat(pool.submit(() -> Thread.currentThread().getName()).result())
                    .isEqualTo("mine-1");
            assertThat(pool.toString()).contains("mine", "threads=1 of 2");
        }
    }

    @Test
    void givesTheVeryResult() {
        Object result = new Object();
        Runnable task = () -> {};
        try (PoolExecutor pool = ThreadPoolExecutor.create(1)) {
            assertThat(pool.submit(task, result).result()).isSameAs(result);
            assertThat(pool.share(result).get()).isSameAs(result);
        }
    }

    @Test
    void aPriorityOvertakesEverythingThatWaits() throws Exception {
        List<String> order = new ArrayList<>();
        CountDownLatch release = new CountDownLatch(1);
        try (PoolExecutor pool = ThreadPoolExecutor.create(1)) {
            PoolFuture<?> blocker = pool.submit(() -> {
                release.await();
                return null;
            });
            Await.until("it runs", blocker::running);
            Runnable one = () -> order.add("one");
            Runnable two = () -> order.add("two");
            Runnable urgent = () -> order.add("urgent");
            pool.execute(one);
            pool.execute(two);
            pool.with(TaskOptions.defaults().priority(5)).execute(urgent);
            release.countDown();
        }
        assertThat(order).containsExactly("urgent", "one", "two");
    }

    @Test
    void aTaskMayShutDownItsOwnPool() {
        PoolExecutor pool = ThreadPoolExecutor.create(1);
        PoolFuture<String> future = pool.submit(() -> {
            pool.close();
            pool.shutdown(true, false);
            return "closed";
        });
        assertThat(future.result()).isEqualTo("closed");
        Await.until("it ends", pool::isTerminated);
    }

    @Test
    void aLateInterruptIsNotTheNextTasks() {
        try (PoolExecutor pool = ThreadPoolExecutor.create(1)) {
            Runnable interruptsItself = () -> Thread.currentThread().interrupt();
            pool.execute(interruptsItself);
            assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).result())
                    .isFalse();
        }
    }

    @Test
    void aTaskCanSeeThatItIsNotWanted() throws Exception {
        AtomicBoolean seen = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(1);
        try (PoolExecutor pool = ThreadPoolExecutor.create(1)) {
            Runnable task = () -> {
                started.countDown();
                while (!TaskContext.current().isCancelled()) {
                    Thread.onSpinWait();
                }
                seen.set(true);
            };
            PoolFuture<?> future = pool.submit(task);
            started.await();
            assertThat(future.cancel(false)).isTrue();
        }
        assertThat(seen).isTrue();
    }

    @Test
    @DisplayName("31. a pool that has ended has completed the future of a task that its time limit stopped")
    void endsAfterTheFutureOfAStoppedTask() throws Exception {
        for (int round = 0; round < 1_000; round++) {
            PoolExecutor pool = ThreadPoolExecutor.create(1);
            PoolFuture<?> stopped = pool.with(TaskOptions.defaults().timeout(Duration.ofNanos(1 + round * 100L)))
                    .submit(() -> {
                        Thread.sleep(Long.MAX_VALUE);
                        return null;
                    });
            pool.shutdown();
            assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(stopped.isDone()).as("round " + round).isTrue();
            assertThat(stopped.exception()).isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void refusesNoDefaults() {
        assertThatThrownBy(() -> ThreadPoolExecutor.builder().defaults(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("1. 0 and -1 threads are refused, naming the value and the bound")
    void refusesToBeMadeWithoutThreads() {
        for (int threads : new int[] {0, -1}) {
            assertThatThrownBy(() -> ThreadPoolExecutor.create(threads))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maxWorkers is " + threads + "; it must be at least 1");
        }
    }
}
