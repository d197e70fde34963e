package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteBiFunction;
import io.farpool.RemoteCallable;
import io.farpool.RemoteFunction;
import io.farpool.RemoteRunnable;
import io.farpool.TaskOptions;
import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ExecutorService} says of taking tasks: null arguments, after a shutdown, from an interrupted thread. */
public abstract class ExecutorServiceContract extends Contract {
    @Test
    @DisplayName("every null argument is a NullPointerException, and the pool goes on")
    void refusesNulls() {
        PoolExecutor pool = newPool(1);
        List<RemoteCallable<Integer>> tasks = List.of(() -> 1);
        Collection<RemoteCallable<Integer>> none = null;
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("submit(Callable)", () -> pool.submit((Callable<Integer>) null));
        calls.put("submit(Runnable)", () -> pool.submit((Runnable) null));
        calls.put("submit(Runnable, T)", () -> pool.submit((Runnable) null, 1));
        calls.put("submit(RemoteCallable)", () -> pool.submit((RemoteCallable<Integer>) null));
        calls.put("submit(RemoteRunnable)", () -> pool.submit((RemoteRunnable) null));
        calls.put("submit(RemoteRunnable, T)", () -> pool.submit((RemoteRunnable) null, 1));
        calls.put("submit(fn, a)", () -> pool.submit((RemoteFunction<Integer, Integer>) null, 1));
        calls.put("submit(fn, a, b)", () -> pool.submit((RemoteBiFunction<Integer, Integer, Integer>) null, 1, 2));
        calls.put("execute(Runnable)", () -> pool.execute((Runnable) null));
        calls.put("execute(RemoteRunnable)", () -> pool.execute((RemoteRunnable) null));
        calls.put("invokeAll(null)", () -> pool.invokeAll(none));
        calls.put("invokeAll(null, time)", () -> pool.invokeAll(none, 1, TimeUnit.SECONDS));
        calls.put("invokeAll(tasks, null unit)", () -> pool.invokeAll(tasks, 1, null));
        calls.put("invokeAny(null)", () -> pool.invokeAny(none));
        calls.put("invokeAny(null, time)", () -> pool.invokeAny(none, 1, TimeUnit.SECONDS));
        calls.put("invokeAny(tasks, null unit)", () -> pool.invokeAny(tasks, 1, null));
        calls.put("awaitTermination(null unit)", () -> pool.awaitTermination(1, null));
        calls.put("get(null unit)", () -> pool.submit(Tasks::square, 1).get(1, null));
        calls.forEach((call, thrower) ->
                assertThat(catchThrowable(thrower)).as(call).isInstanceOf(NullPointerException.class));
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
    }

    @ParameterizedTest(name = "after {0}, with a task still running or not, every way of submitting is rejected")
    @ValueSource(strings = {"shutdown", "shutdownNow", "shutdown of a view", "close"})
    void rejectsAfterShutdown(String how) {
        PoolExecutor pool = newPool(1);
        if (!how.equals("close")) {
            PoolFuture<Boolean> ignored = started(pool, newGate());
        }
        switch (how) {
            case "shutdown" -> pool.shutdown();
            case "shutdownNow" -> pool.shutdownNow();
            case "close" -> pool.close();
            default -> pool.with(TaskOptions.defaults().priority(1)).shutdown();
        }
        PoolExecutor view = pool.with(TaskOptions.defaults().attempts(2));
        for (PoolExecutor one : List.of(pool, view)) {
            List<RemoteCallable<Integer>> tasks = List.of(() -> 1, () -> 2);
            Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
            calls.put("submit(Callable)", () -> one.submit((Callable<Integer> & Serializable) () -> 1));
            calls.put("submit(Callable that cannot ship)", () -> one.submit((Callable<Integer>) () -> 1));
            calls.put("submit(Runnable)", () -> one.submit((Runnable & Serializable) () -> {}));
            calls.put("submit(Runnable, T)", () -> one.submit((Runnable & Serializable) () -> {}, 1));
            calls.put("submit(RemoteCallable)", () -> one.submit(() -> 1));
            calls.put("submit(fn, a)", () -> one.submit(Tasks::square, 1));
            calls.put("submit(fn, a, b)", () -> one.submit(Tasks::pow, 1, 2));
            calls.put("execute(Runnable)", () -> one.execute((Runnable) () -> {}));
            calls.put("execute(RemoteRunnable)", () -> one.execute(() -> {}));
            calls.put("invokeAll", () -> one.invokeAll(tasks));
            calls.put("invokeAll in time", () -> one.invokeAll(tasks, 1, TimeUnit.SECONDS));
            calls.put("invokeAny", () -> one.invokeAny(tasks));
            calls.put("invokeAny in time", () -> one.invokeAny(tasks, 1, TimeUnit.SECONDS));
            calls.put("map", () -> one.map(Tasks::square, List.of(1)));
            calls.forEach((call, thrower) -> assertThat(catchThrowable(thrower))
                    .as(call)
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageNotContaining("null"));
        }
    }

    @Test
    @DisplayName("an executed task that throws hurts nobody")
    void outlivesExecutedFailures() {
        PoolExecutor pool = sharedPool(1);
        for (int i = 0; i < 3; i++) {
            pool.execute(() -> {
                throw new IllegalStateException("an executed task's own, to be logged");
            });
        }
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
    }

    @Test
    @DisplayName("an interrupted thread can submit, to a new pool too, and keeps its interrupt status")
    void takesTasksOfInterruptedThreads() {
        PoolExecutor pool = newPool(1);
        Thread.currentThread().interrupt();
        PoolFuture<Integer> first = pool.submit(Tasks::square, 3);
        PoolFuture<Integer> second = pool.submit(() -> 5);
        pool.execute(() -> {});
        assertThat(pool.isShutdown()).isFalse();
        pool.shutdown();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(first.result()).isEqualTo(9);
        assertThat(second.result()).isEqualTo(5);
    }

    @Test
    @DisplayName("a task does not see an interrupt that was meant for the one before it")
    void keepsInterruptsApart() {
        PoolExecutor pool = sharedPool(1);
        for (int i = 0; i < 20; i++) {
            PoolFuture<Boolean> stopped = started(pool, newGate());
            stopped.cancel(true);
            assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).result())
                    .isFalse();
        }
    }
}
