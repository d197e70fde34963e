package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteCallable;
import io.farpool.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code ExecutorService} says of its end: the phases, awaitTermination, shutdownNow and close. */
public abstract class TerminationContract extends Contract {
    @Test
    @DisplayName("isShutdown and isTerminated tell the phases: open, shut down with a task running, ended")
    void tellsThePhase() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        assertThat(pool.isShutdown()).isFalse();
        assertThat(pool.isTerminated()).isFalse();
        pool.shutdown();
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        gate.open();
        assertThat(pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS)).isTrue();
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(running.isDone()).isTrue();
    }

    @Test
    @DisplayName("awaitTermination is false when the time is up, however short or negative, and true once it has ended")
    void awaitsTermination() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> ignored = started(pool, gate);
        for (int phase = 0; phase < 2; phase++) {
            for (long time : new long[] {0, 1, -1, Long.MIN_VALUE}) {
                assertThat(pool.awaitTermination(time, TimeUnit.NANOSECONDS)).isFalse();
            }
            assertThat(pool.awaitTermination(Long.MIN_VALUE, TimeUnit.DAYS)).isFalse();
            assertThat(pool.awaitTermination(5, TimeUnit.MILLISECONDS)).isFalse();
            pool.shutdown();
        }
        Blocked<Boolean> waiting = Blocked.in(() -> pool.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS));
        gate.open();
        assertThat(waiting.value()).isTrue();
        for (long time : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(pool.awaitTermination(time, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @DisplayName("awaitTermination of a pool that has not been shut down waits, though it is idle or was never used")
    void awaitsTheShutdown() throws Exception {
        PoolExecutor unused = newPool(1);
        assertThat(unused.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
        PoolExecutor idle = newPool(1);
        assertThat(idle.submit(Tasks::square, 3).result()).isEqualTo(9);
        Blocked<Boolean> waiting = Blocked.in(() -> idle.awaitTermination(1, TimeUnit.DAYS));
        assertThat(idle.isTerminated()).isFalse();
        idle.shutdown();
        assertThat(waiting.value()).isTrue();
    }

    @Test
    @DisplayName("a broken pool is not terminated before it has been shut down")
    void isNotTerminatedWhenBroken() throws Exception {
        PoolExecutor pool = newPool(1, () -> {
            throw new IllegalStateException("no licence");
        });
        assertThat(pool.submit(Tasks::square, 3).exception())
                .isInstanceOf(backend().brokenException());
        assertThat(pool.awaitTermination(10, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(pool.isShutdown()).isFalse();
        assertThat(pool.isTerminated()).isFalse();
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    @DisplayName("awaitTermination, interrupted before or while it waits, throws and clears the interrupt status")
    void isInterruptedInAwaitTermination() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        pool.shutdown();
        Blocked<Boolean> waiting = Blocked.in(() -> pool.awaitTermination(1, TimeUnit.DAYS));
        waiting.thread().interrupt();
        assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
        assertThat(waiting.interrupted()).isFalse();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pool.awaitTermination(1, TimeUnit.DAYS)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        gate.open();
        assertThat(running.result()).isTrue();
        assertThat(pool.awaitTermination(1, TimeUnit.DAYS)).isTrue();
        Thread.currentThread().interrupt();
        assertThat(pool.awaitTermination(1, TimeUnit.DAYS))
                .as("there is nothing to wait for")
                .isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    // ------------------------------------------------------------------------------------------ shutdownNow

    @Test
    @DisplayName("shutdownNow interrupts what runs, returns in order what never did, and the second time nothing")
    void stopsNow() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<?> running = pool.submit(() -> {
            trace.add("started");
            try {
                gate.await();
            } catch (InterruptedException e) {
                trace.add("interrupted");
            }
        });
        Await.until("it runs", () -> running.running() && trace.lines().contains("started"));
        Trace returned = newTrace();
        List<PoolFuture<?>> pending = new ArrayList<>();
        List<String> numbers =
                IntStream.range(0, 200).mapToObj(Integer::toString).toList();
        for (String number : numbers) {
            pending.add(pool.submit(() -> returned.add(number)));
        }
        List<Runnable> neverStarted = pool.shutdownNow();
        assertThat(neverStarted).hasSameSizeAs(numbers);
        assertThat(pool.shutdownNow()).isEmpty();
        assertThat(pending).allMatch(PoolFuture::isCancelled);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(running.isDone()).isTrue();
        Await.until("the interrupt has come", () -> trace.lines().contains("interrupted"));
        assertThat(returned.lines()).as("what started all the same").isEmpty();
        neverStarted.forEach(Runnable::run);
        assertThat(returned.lines()).containsExactlyElementsOf(numbers);
    }

    @Test
    @DisplayName("a task that starts in the very moment of shutdownNow is cancelled, or interrupted")
    void stopsWhatIsAboutToStart() throws Exception {
        assumeFalse(backend().processes(), "it takes many pools to meet the moment: threads only");
        Gate neverOpened = newGate();
        for (int i = 0; i < 2_000; i++) {
            PoolExecutor pool = backend().newPool(2, null);
            CompletableFuture<Boolean> go = new CompletableFuture<>();
            List<PoolFuture<Boolean>> futures = new ArrayList<>();
            for (int first = 0; first < 2; first++) {
                futures.add(pool.submit((RemoteCallable<Boolean>) go::join));
            }
            for (int next = 0; next < 2; next++) {
                futures.add(pool.submit(neverOpened::await));
            }
            go.complete(true);
            pool.shutdownNow();
            assertThat(pool.awaitTermination(20, TimeUnit.SECONDS))
                    .as("round %s: %s", i, futures)
                    .isTrue();
            assertThat(futures).allMatch(PoolFuture::isDone);
        }
    }

    @Test
    @DisplayName("shutdownNow returns nothing that was cancelled before, and stops what runs on unseen")
    void stopsWhatRunsOnUnseen() throws Exception {
        PoolExecutor pool = newPool(1);
        PoolFuture<Boolean> running = started(pool, newGate());
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        assertThat(pending.cancel()).isTrue();
        assertThat(running.cancel(false)).isTrue();
        assertThat(pool.shutdownNow()).isEmpty();
        assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("of several shutdownNow at once each task is returned by one")
    void returnsEachTaskOnce() throws Exception {
        PoolExecutor pool = newPool(1);
        PoolFuture<Boolean> ignored = started(pool, newGate());
        for (int i = 0; i < 200; i++) {
            pool.execute(() -> {});
        }
        CyclicBarrier together = new CyclicBarrier(4);
        List<CompletableFuture<Integer>> returned = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            returned.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            together.await();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        return pool.shutdownNow().size();
                    },
                    task -> new Thread(task).start()));
        }
        int sum = 0;
        for (CompletableFuture<Integer> one : returned) {
            sum += one.get(60, TimeUnit.SECONDS);
        }
        assertThat(sum).isEqualTo(200);
    }

    @Test
    @DisplayName("a task that is to be started again is not, after shutdownNow")
    void startsNothingAgain() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<?> future = pool.with(TaskOptions.defaults().attempts(5).retryOn(InterruptedException.class))
                .submit(() -> Tasks.traced(gate, trace, 1));
        Await.until("it runs", () -> trace.lines().size() == 1);
        pool.shutdownNow();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(future.isCompletedExceptionally()).isTrue();
        assertThat(trace.lines()).hasSize(1);
    }

    // ------------------------------------------------------------------------------------------ close

    @Test
    @DisplayName("close(), as Java 19 has it: interrupted, it does as shutdownNow, waits on, and keeps the status")
    void closesAsJavaSays() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<?> running = pool.submit(() -> {
            trace.add("started");
            boolean opened = false;
            while (!opened) {
                try {
                    opened = gate.await();
                } catch (InterruptedException e) {
                    trace.add("interrupted");
                }
            }
            return opened;
        });
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        Await.until("it runs", () -> trace.lines().contains("started"));
        Blocked<String> closing = Blocked.in(() -> {
            pool.close();
            return "closed";
        });
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pending.isDone()).isFalse();
        closing.thread().interrupt();
        Await.until("the interrupt has come", () -> trace.lines().contains("interrupted"));
        Await.until("what waits is cancelled", pending::isCancelled);
        closing.thread().interrupt();
        if (!backend().processes()) { // where a process that heeds no interrupt is killed, which may be now
            assertThat(closing.thread().isAlive()).isTrue();
            assertThat(pool.isTerminated()).isFalse();
        }
        gate.open();
        assertThat(closing.value()).isEqualTo("closed");
        assertThat(closing.interrupted()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(running.isDone()).isTrue();
    }

    @Test
    @DisplayName("close() from a thread interrupted before stops the tasks, and keeps the interrupt status")
    void closesWhenInterruptedBefore() {
        PoolExecutor pool = newPool(1);
        PoolFuture<Boolean> running = started(pool, newGate());
        Thread.currentThread().interrupt();
        pool.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(running.isCompletedExceptionally()).isTrue();
    }

    @Test
    @DisplayName("close() of what has ended does nothing, for an interrupted thread too, and several may close at once")
    void closesAgain() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        List<Blocked<String>> closing = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            closing.add(Blocked.in(() -> {
                pool.close();
                return "closed";
            }));
        }
        gate.open();
        for (Blocked<String> one : closing) {
            assertThat(one.value()).isEqualTo("closed");
            assertThat(one.interrupted()).isFalse();
        }
        assertThat(running.result()).isTrue();
        Thread.currentThread().interrupt();
        pool.close();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("close() called by way of ExecutorService, where that has it, is the pool's own")
    void isClosedAsAnExecutorService() throws Exception {
        Assumed.atLeastJava(19, "ExecutorService.close()");
        PoolExecutor pool = newPool(1);
        PoolFuture<Integer> future = pool.submit(Tasks::square, 3);
        ExecutorService.class.getMethod("close").invoke(pool);
        assertThat(pool.isTerminated()).isTrue();
        assertThat(future.isDone()).isTrue();
    }
}
