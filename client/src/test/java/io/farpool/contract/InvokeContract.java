package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.RemoteCallable;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ExecutorService} says of invokeAll and invokeAny. */
public abstract class InvokeContract extends Contract {
    // ------------------------------------------------------------------------------------------ invokeAll

    @Test
    @DisplayName("invokeAll gives the futures in the order of the tasks, all done: results, failures, cancellations")
    void invokesAllInOrder() throws Exception {
        List<RemoteCallable<Integer>> tasks = List.of(
                () -> 1,
                () -> Tasks.inverse(0),
                () -> {
                    throw new CancellationException();
                },
                () -> 4);
        PoolExecutor pool = sharedPool(2);
        for (List<Future<Integer>> futures :
                List.of(pool.invokeAll(tasks), pool.invokeAll(tasks, Long.MAX_VALUE, TimeUnit.DAYS))) {
            assertThat(futures).hasSize(4).allMatch(Future::isDone);
            assertThat(futures.get(0).get()).isEqualTo(1);
            assertThatThrownBy(futures.get(1)::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ArithmeticException.class);
            assertThatThrownBy(futures.get(2)::get).isInstanceOf(CancellationException.class);
            assertThat(futures.get(3).get()).isEqualTo(4);
        }
        assertThat(pool.invokeAll(List.<RemoteCallable<Integer>>of(), 0, TimeUnit.SECONDS))
                .isEmpty();
    }

    @Test
    @DisplayName("invokeAll with a null among its tasks throws before any runs")
    void invokesAllOrNone() throws Exception {
        PoolExecutor pool = newPool(1);
        Trace trace = newTrace();
        RemoteCallable<Integer> task = () -> {
            trace.add("ran");
            return 1;
        };
        for (List<RemoteCallable<Integer>> tasks : List.of(Arrays.asList(task, null), Arrays.asList(null, task))) {
            assertThatThrownBy(() -> pool.invokeAll(tasks)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.invokeAll(tasks, 1, TimeUnit.DAYS)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.invokeAny(tasks)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.invokeAny(tasks, 1, TimeUnit.DAYS)).isInstanceOf(NullPointerException.class);
        }
        pool.close();
        assertThat(trace.lines()).isEmpty();
    }

    @Test
    @DisplayName("invokeAll of tasks that cannot ship runs them on threads; on processes each fails alone, at once")
    void invokesAllThatShip() throws Exception {
        Object unshippable = new Object();
        List<Callable<Integer>> tasks =
                List.of((Callable<Integer> & Serializable) () -> 1, () -> unshippable.hashCode() == 0 ? 2 : 3);
        List<Future<Integer>> futures = sharedPool(1).invokeAll(tasks);
        assertThat(futures.get(0).get()).isEqualTo(1);
        if (backend().processes()) {
            assertThatThrownBy(futures.get(1)::get)
                    .cause()
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContaining(InvokeContract.class.getName());
        } else {
            assertThat(futures.get(1).get()).isIn(2, 3);
        }
    }

    @ParameterizedTest(name = "invokeAll within {0} ns cancels what is not done, and stops it")
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, 300_000_000})
    void invokesAllInTime(long nanos) throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        assertThat(pool.submit(Tasks::square, 2).result()).isEqualTo(4);
        List<Future<Boolean>> futures = pool.invokeAll(
                List.<RemoteCallable<Boolean>>of(gate::await, gate::await, gate::await), nanos, TimeUnit.NANOSECONDS);
        assertThat(futures).hasSize(3).allMatch(Future::isDone).allMatch(Future::isCancelled);
        pool.close(); // which a task still at the gate would hold up
        assertThat(pool.isTerminated()).isTrue();
    }

    @ParameterizedTest(name = "invokeAll, interrupted {0} it waits, throws, clears the status, and stops the tasks")
    @ValueSource(strings = {"before", "while"})
    void isInterruptedInInvokeAll(String when) throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        assertThat(pool.submit(Tasks::square, 2).result()).isEqualTo(4);
        List<RemoteCallable<Boolean>> tasks = List.of(gate::await, gate::await);
        for (boolean timed : new boolean[] {false, true}) {
            Callable<Object> call = () -> timed ? pool.invokeAll(tasks, 1, TimeUnit.DAYS) : pool.invokeAll(tasks);
            interrupt(when, call);
        }
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
    }

    // ------------------------------------------------------------------------------------------ invokeAny

    @Test
    @DisplayName("invokeAny gives the first success, whatever failed before, and stops the others")
    void invokesAny() throws Exception {
        PoolExecutor pool = newPool(2);
        Gate gate = newGate();
        List<RemoteCallable<Integer>> tasks =
                List.of(() -> Tasks.inverse(0), () -> gate.await() ? 1 : 2, () -> Tasks.inverse(0), () -> 3);
        assertThat(pool.invokeAny(tasks)).isEqualTo(3);
        assertThat(pool.invokeAny(tasks, Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo(3);
        pool.close(); // which a loser still at the gate would hold up
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    @DisplayName("invokeAny may give null")
    void invokesAnyForNull() throws Exception {
        assertThat(sharedPool(1).invokeAny(List.<RemoteCallable<Object>>of(() -> null)))
                .isNull();
    }

    @Test
    @DisplayName("invokeAny, when all fail, throws with what the last one threw")
    void invokesAnyInVain() {
        PoolExecutor pool = sharedPool(1);
        List<RemoteCallable<Integer>> tasks = List.of(() -> Tasks.inverse(0), () -> {
            throw new Tasks.FlakyException(7);
        });
        for (Callable<Object> call : List.<Callable<Object>>of(
                () -> pool.invokeAny(tasks), () -> pool.invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS))) {
            assertThatThrownBy(call::call)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .asInstanceOf(InstanceOfAssertFactories.type(Tasks.FlakyException.class))
                    .matches(flaky -> flaky.code() == 7);
        }
        assertThatThrownBy(() -> pool.invokeAny(List.<RemoteCallable<Integer>>of(() -> {
                    throw new CancellationException();
                })))
                .isInstanceOf(ExecutionException.class);
    }

    @Test
    @DisplayName("invokeAny, when all fail, throws with what the last one threw, whichever ended last")
    void invokesAnyInVainInAnyOrder() {
        PoolExecutor pool = sharedPool(2);
        List<RemoteCallable<Integer>> tasks = List.of(
                () -> {
                    Thread.sleep(200);
                    throw new Tasks.FlakyException(1);
                },
                () -> {
                    throw new Tasks.FlakyException(7);
                });
        assertThatThrownBy(() -> pool.invokeAny(tasks))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .asInstanceOf(InstanceOfAssertFactories.type(Tasks.FlakyException.class))
                .matches(flaky -> flaky.code() == 7);
    }

    @Test
    @DisplayName("invokeAny of no task is an IllegalArgumentException")
    void invokesAnyOfNone() {
        PoolExecutor pool = sharedPool(1);
        List<RemoteCallable<Integer>> none = List.of();
        assertThatThrownBy(() -> pool.invokeAny(none)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.invokeAny(none, 1, TimeUnit.DAYS)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "invokeAny within {0} ns throws TimeoutException and stops the tasks")
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, 300_000_000})
    void invokesAnyInTime(long nanos) throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        assertThat(pool.submit(Tasks::square, 2).result()).isEqualTo(4);
        assertThatThrownBy(() -> pool.invokeAny(
                        List.<RemoteCallable<Boolean>>of(gate::await, gate::await), nanos, TimeUnit.NANOSECONDS))
                .isInstanceOf(TimeoutException.class);
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
    }

    @ParameterizedTest(name = "invokeAny, interrupted {0} it waits, throws, clears the status, and stops the tasks")
    @ValueSource(strings = {"before", "while"})
    void isInterruptedInInvokeAny(String when) throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        assertThat(pool.submit(Tasks::square, 2).result()).isEqualTo(4);
        List<RemoteCallable<Boolean>> tasks = List.of(gate::await, gate::await);
        for (boolean timed : new boolean[] {false, true}) {
            Callable<Object> call = () -> timed ? pool.invokeAny(tasks, 1, TimeUnit.DAYS) : pool.invokeAny(tasks);
            interrupt(when, call);
        }
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
    }

    /** The call is interrupted, before it begins or while it blocks, and must say so as Java's own methods do. */
    private static void interrupt(String when, Callable<Object> call) throws Exception {
        if (when.equals("before")) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(call::call).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        } else {
            Blocked<Object> blocked = Blocked.in(call);
            blocked.thread().interrupt();
            assertThat(blocked.failure()).isInstanceOf(InterruptedException.class);
            assertThat(blocked.interrupted()).isFalse();
        }
    }
}
