package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.BrokenProcessPoolException;
import io.farpool.Futures;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract lines 21, 22, 33 and 34, where only a process can be stopped. */
abstract class StoppingContract extends Contract {
    private static final int HUNDRED_MIB = 100 << 20;

    @Override
    protected abstract ProcessBackend backend();

    @Test
    @DisplayName("21. cancel(true) of a task that ignores interrupts has its process killed, and the pool goes on")
    void killsWhatIgnoresInterrupts() {
        ProcessPoolExecutor pool = newProcessPool(1);
        Trace trace = newTrace();
        PoolFuture<?> future = pool.submit(() -> Tasks.ignoreInterrupts(trace));
        Await.until("it runs", () -> future.running() && !trace.lines().isEmpty());
        assertThat(future.cancel(true)).isTrue();
        assertThat(future.isCancelled()).isTrue();
        Tasks.awaitEnd(trace);
        assertThat(pool.submit(Tasks::square, 5).result()).isEqualTo(25);
    }

    @Test
    @DisplayName("22. the time limit of a task that spins has its process killed, and the pool goes on")
    void killsWhatSpins() {
        ProcessPoolExecutor pool = newProcessPool(1);
        Trace trace = newTrace();
        PoolFuture<?> future = pool.with(TaskOptions.defaults().timeout(Duration.ofMillis(200)))
                .submit(() -> Tasks.spin(trace));
        PoolFuture<Integer> next = pool.submit(Tasks::square, 5);
        assertThat(future.exception()).isInstanceOf(TimeoutException.class);
        Tasks.awaitEnd(trace);
        assertThat(next.result()).isEqualTo(25);
    }

    @ParameterizedTest(name = "21. 22. {0} of a task that is stuck in native code has its process killed, and no other")
    @ValueSource(strings = {"cancel(true)", "the time limit"})
    void killsWhatIsInNativeCode(String how) throws Exception {
        ProcessPoolExecutor pool = newProcessPool(2);
        String pipe = directory.resolve("pipe").toString();
        assertThat(new ProcessBuilder("mkfifo", pipe).start().waitFor()).isZero();
        Gate gate = newGate();
        PoolFuture<Boolean> other = started(pool, gate);
        Trace trace = newTrace();
        boolean cancelled = how.equals("cancel(true)");
        TaskOptions limited = TaskOptions.defaults().timeout(Duration.ofMillis(200));
        PoolFuture<?> stuck =
                pool.with(cancelled ? TaskOptions.defaults() : limited).submit(() -> Tasks.openForReading(trace, pipe));
        Await.until("it is about to open it", () -> !trace.lines().isEmpty() || stuck.done());
        if (cancelled) {
            assertThat(stuck.cancel(true)).isTrue();
        } else {
            assertThat(stuck.exception()).isInstanceOf(TimeoutException.class);
        }
        Tasks.awaitEnd(trace);
        assertThat(pool.submit(Tasks::square, 5).result()).isEqualTo(25);
        assertThat(other.done()).isFalse();
        gate.open();
        assertThat(other.result()).isTrue();
        assertThat(other.info().attempts()).hasSize(1);
    }

    @Test
    @DisplayName("31. shutdownNow() ends what ignores interrupts")
    void shutsDownWhatIgnoresInterrupts() throws Exception {
        ProcessPoolExecutor pool = newProcessPool(1);
        Trace trace = newTrace();
        PoolFuture<?> future = pool.submit(() -> Tasks.ignoreInterrupts(trace));
        Await.until("it runs", () -> future.running() && !trace.lines().isEmpty());
        assertThat(pool.shutdownNow()).isEmpty();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(future.isDone()).isTrue();
        Tasks.awaitEnd(trace);
    }

    // ------------------------------------------------------------------------------------------ 100 MiB

    @Test
    @DisplayName("33. submit, cancel, shutdown(wait) does not hang with a payload of 100 MiB in flight")
    void doesNotHangWithALargePayload() {
        ProcessPoolExecutor pool = newProcessPool(1);
        PoolFuture<Integer> future = pool.submit(Tasks::length, new byte[HUNDRED_MIB]);
        future.cancel();
        pool.shutdown(true, false);
        assertThat(future.done()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    @DisplayName("33. shutdown(wait) with payloads of 100 MiB in flight, there and back, finishes them")
    void finishesLargePayloads() {
        ProcessPoolExecutor pool = ended(backend().builder(1).build());
        PoolFuture<Integer> there = pool.submit(Tasks::length, new byte[HUNDRED_MIB]);
        PoolFuture<byte[]> back = pool.submit((Integer length) -> new byte[length], HUNDRED_MIB);
        pool.shutdown(true, false);
        assertThat(there.result()).isEqualTo(HUNDRED_MIB);
        assertThat(back.result()).hasSize(HUNDRED_MIB);
    }

    @Test
    @DisplayName("33. nor does any of it from a callback")
    void doesNotHangInACallbackWithALargePayload() throws Exception {
        ProcessPoolExecutor pool = newProcessPool(1);
        CountDownLatch through = new CountDownLatch(1);
        pool.submit(Tasks::square, 3).addDoneCallback(first -> {
            pool.submit(Tasks::length, new byte[HUNDRED_MIB]).cancel();
            pool.shutdown(true, false);
            through.countDown();
        });
        assertThat(through.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    // ------------------------------------------------------------------------------------------ terminate and kill

    @ParameterizedTest(name = "34. {0} fails what is pending or runs, ends the processes, and refuses what comes later")
    @ValueSource(strings = {"terminateWorkers", "killWorkers"})
    void endsNow(String how) throws Exception {
        ProcessPoolExecutor pool = newProcessPool(1);
        Trace trace = newTrace();
        PoolFuture<?> running = pool.submit(() -> Tasks.ignoreInterrupts(trace));
        Await.until("it runs", () -> running.running() && !trace.lines().isEmpty());
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        end(pool, how);
        assertThat(Futures.wait(List.of(running, pending), Duration.ofSeconds(30), Futures.ReturnWhen.ALL_COMPLETED)
                        .notDone())
                .isEmpty();
        assertThat(running.exception()).isInstanceOf(BrokenProcessPoolException.class);
        assertThat(pending.exception()).isInstanceOf(BrokenProcessPoolException.class);
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1)).isInstanceOf(RejectedExecutionException.class);
        assertThat(pool.isShutdown()).isTrue();
        Tasks.awaitEnd(trace);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        end(pool, how);
        pool.close();
    }

    @Test
    @DisplayName("34. terminateWorkers interrupts what runs, though short tasks came just before it")
    void interruptsWhatRunsAfterShortTasks() throws Exception {
        ProcessPoolExecutor pool = newProcessPool(1);
        Trace trace = newTrace();
        Futures.wait(IntStream.range(0, 2_000)
                .mapToObj(i -> pool.submit(Tasks::square, i))
                .toList());
        for (int i = 0; i < 50; i++) {
            PoolFuture<?> ignored = pool.submit(Tasks::square, i);
        }
        PoolFuture<?> ignored = pool.submit(() -> {
            trace.add("runs");
            try {
                TimeUnit.MINUTES.sleep(10);
            } catch (InterruptedException e) {
                trace.add("interrupted");
            }
        });
        while (trace.lines().isEmpty()) {
            Thread.onSpinWait(); // what is known of it is known some milliseconds later
        }
        pool.terminateWorkers();
        Await.until("it is interrupted", () -> trace.lines().equals(List.of("runs", "interrupted")));
    }

    @ParameterizedTest(name = "34. {0} is safe when nothing has started")
    @ValueSource(strings = {"terminateWorkers", "killWorkers"})
    void endsWhatNeverStarted(String how) throws Exception {
        ProcessPoolExecutor pool = newProcessPool(1);
        end(pool, how);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1)).isInstanceOf(RejectedExecutionException.class);
        pool.close();
    }

    @ParameterizedTest(name = "34. {0} is safe when the pool is broken")
    @ValueSource(strings = {"terminateWorkers", "killWorkers"})
    void endsWhatIsBroken(String how) throws Exception {
        ProcessPoolExecutor pool = ended(backend()
                .builder(1)
                .initializer(() -> {
                    throw new IllegalStateException("no licence");
                })
                .build());
        assertThat(pool.submit(Tasks::square, 3).exception()).isInstanceOf(BrokenProcessPoolException.class);
        end(pool, how);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1)).isInstanceOf(BrokenProcessPoolException.class);
    }

    @Test
    @DisplayName("a submit that waits at the limit of pending tasks is rejected when the pool is shut down meanwhile")
    void rejectsWhatWaitedForItsTurn() throws Exception {
        ProcessPoolExecutor pool = ended(backend().builder(1).pendingLimit(1).build());
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        Blocked<PoolFuture<Integer>> submitting = Blocked.in(() -> pool.submit(Tasks::square, 3));
        pool.shutdown();
        gate.open();
        assertThat(running.result()).isTrue();
        assertThat(submitting.failure()).isInstanceOf(RejectedExecutionException.class);
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    private ProcessPoolExecutor newProcessPool(int workers) {
        return ended(backend().builder(workers).build());
    }

    private static void end(ProcessPoolExecutor pool, String how) {
        if (how.equals("killWorkers")) {
            pool.killWorkers();
        } else {
            pool.terminateWorkers();
        }
    }
}
