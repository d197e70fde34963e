package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.Futures;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.UncheckedInterruptedException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code Future} says: waiting, its times, interrupts, and the states of Java 19. */
public abstract class JavaFutureContract extends Contract {
    @Test
    @DisplayName("get() with a time: zero and negative ones do not wait, Long.MAX_VALUE does")
    void getsInTime() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        for (PoolFuture<?> future : List.of(running, pending)) {
            for (long time : new long[] {0, 1, -1, Long.MIN_VALUE}) {
                assertThatThrownBy(() -> future.get(time, TimeUnit.NANOSECONDS)).isInstanceOf(TimeoutException.class);
            }
            assertThatThrownBy(() -> future.get(Long.MIN_VALUE, TimeUnit.DAYS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> future.get(1, null)).isInstanceOf(NullPointerException.class);
            assertThat(future.isDone()).isFalse();
        }
        Blocked<Integer> nanos = Blocked.in(() -> pending.get(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
        Blocked<Integer> days = Blocked.in(() -> pending.get(Long.MAX_VALUE, TimeUnit.DAYS));
        gate.open();
        assertThat(nanos.value()).isEqualTo(9);
        assertThat(days.value()).isEqualTo(9);
        for (long time : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(pending.get(time, TimeUnit.SECONDS)).isEqualTo(9);
        }
        assertThatThrownBy(() -> pending.get(1, null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName(
            "get() throws CancellationException of a cancelled one, and of a failed one what the task threw, wrapped")
    void getsFailures() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Integer> failed = pool.submit(() -> {
            throw new Tasks.FlakyException(7);
        });
        assertThatThrownBy(failed::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .asInstanceOf(InstanceOfAssertFactories.type(Tasks.FlakyException.class))
                .matches(flaky -> flaky.code() == 7);
        assertThatThrownBy(() -> failed.get(0, TimeUnit.SECONDS)).hasCauseInstanceOf(Tasks.FlakyException.class);
        assertThat(failed.isDone()).isTrue();
        assertThat(failed.isCancelled()).isFalse();
        PoolFuture<Boolean> cancelled = started(pool, newGate());
        assertThat(cancelled.cancel(true)).isTrue();
        assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> cancelled.get(0, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(cancelled.isDone()).isTrue();
        assertThat(cancelled.isCancelled()).isTrue();
    }

    // ------------------------------------------------------------------------------------------ interrupts

    @Test
    @DisplayName("get(), interrupted before or while it waits, throws InterruptedException and clears the status")
    void isInterruptedInGet() throws Exception {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> future = started(pool, newGate());
        Map<String, Callable<Boolean>> calls = new LinkedHashMap<>();
        calls.put("get()", future::get);
        calls.put("get(1, DAYS)", () -> future.get(1, TimeUnit.DAYS));
        for (Map.Entry<String, Callable<Boolean>> call : calls.entrySet()) {
            Blocked<Boolean> blocked = Blocked.in(call.getValue());
            blocked.thread().interrupt();
            assertThat(blocked.failure()).as(call.getKey()).isInstanceOf(InterruptedException.class);
            assertThat(blocked.interrupted()).as(call.getKey()).isFalse();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> call.getValue().call()).as(call.getKey()).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).as(call.getKey()).isFalse();
        }
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> future.get(0, TimeUnit.SECONDS))
                .as("as CompletableFuture does")
                .isInstanceOf(InterruptedException.class);
        assertThat(future.isDone()).isFalse();
    }

    @Test
    @DisplayName("result(), exception(), wait and the iterators, interrupted, throw unchecked and keep the status")
    void isInterruptedInPythonsMethods() throws Exception {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> future = started(pool, newGate());
        Map<String, Callable<Object>> calls = new LinkedHashMap<>();
        calls.put("result()", future::result);
        calls.put("result(1 day)", () -> future.result(Duration.ofDays(1)));
        calls.put("exception()", future::exception);
        calls.put("exception(1 day)", () -> future.exception(Duration.ofDays(1)));
        calls.put("wait", () -> Futures.wait(List.of(future)));
        calls.put(
                "wait in time",
                () -> Futures.wait(List.of(future), Duration.ofDays(1), Futures.ReturnWhen.FIRST_COMPLETED));
        calls.put(
                "asCompleted",
                () -> Futures.asCompleted(List.of(future)).iterator().next());
        calls.put("asCompleted in time", () -> Futures.asCompleted(List.of(future), Duration.ofDays(1))
                .iterator()
                .next());
        calls.put("map", () -> pool.map(Tasks::square, List.of(1)).iterator().next());
        for (Map.Entry<String, Callable<Object>> call : calls.entrySet()) {
            Blocked<Object> blocked = Blocked.in(call.getValue());
            blocked.thread().interrupt();
            assertThat(blocked.failure())
                    .as(call.getKey())
                    .isInstanceOf(UncheckedInterruptedException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(blocked.interrupted()).as(call.getKey()).isTrue();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> call.getValue().call())
                    .as(call.getKey())
                    .isInstanceOf(UncheckedInterruptedException.class);
            assertThat(Thread.interrupted()).as(call.getKey()).isTrue();
        }
        assertThat(future.isDone()).isFalse();
    }

    @Test
    @DisplayName("join(), interrupted, waits on and keeps the status")
    void isInterruptedInJoin() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> future = started(pool, gate);
        Blocked<Boolean> joining = Blocked.in(future::join);
        joining.thread().interrupt();
        gate.open();
        assertThat(joining.value()).isTrue();
        assertThat(joining.interrupted()).isTrue();
    }

    @Test
    @DisplayName("what has nothing to wait for does not look at the interrupt status")
    void ignoresInterruptsWhenDone() throws Exception {
        PoolExecutor pool = newPool(1);
        PoolFuture<Integer> future = pool.submit(Tasks::square, 3);
        Iterator<Integer> mapped = pool.map(Tasks::square, List.of(3)).iterator();
        assertThat(future.result()).isEqualTo(9);
        assertThat(mapped.hasNext()).isTrue();
        pool.close(); // so that the mapped one is done too
        Thread.currentThread().interrupt();
        assertThat(future.get()).isEqualTo(9);
        assertThat(future.get(1, TimeUnit.SECONDS)).isEqualTo(9);
        assertThat(future.join()).isEqualTo(9);
        assertThat(future.result()).isEqualTo(9);
        assertThat(future.result(Duration.ofDays(1))).isEqualTo(9);
        assertThat(future.exception()).isNull();
        assertThat(Futures.wait(List.of(future)).done()).containsExactly(future);
        assertThat(Futures.wait(List.of(future, new PoolFuture<>()), Futures.ReturnWhen.FIRST_COMPLETED)
                        .done())
                .hasSize(1);
        assertThat(Futures.asCompleted(List.of(future))).containsExactly(future);
        assertThat(mapped.next()).isEqualTo(9);
        assertThat(Thread.interrupted()).isTrue();
    }

    // ------------------------------------------------------------------------------------------ Java 19

    @Test
    @DisplayName("state() is RUNNING until it is done, known to run or not; then SUCCESS, FAILED or CANCELLED")
    void tellsItsState() throws Exception {
        Assumed.atLeastJava(19, "Future.state()");
        States states = new States();
        for (Future<?> notDone : List.of(states.running, states.pending)) {
            assertThat(call(notDone, "state")).hasToString("RUNNING");
        }
        states.end();
        assertThat(call(states.running, "state")).hasToString("SUCCESS");
        assertThat(call(states.pending, "state")).hasToString("SUCCESS");
        assertThat(call(states.failed, "state")).hasToString("FAILED");
        assertThat(call(states.cancelled, "state")).hasToString("CANCELLED");
    }

    @Test
    @DisplayName("resultNow() and exceptionNow() give what there is, and else throw IllegalStateException")
    void givesItNow() throws Exception {
        Assumed.atLeastJava(19, "Future.resultNow()");
        States states = new States();
        for (Future<?> notDone : List.of(states.running, states.pending)) {
            assertThatThrownBy(() -> call(notDone, "resultNow")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> call(notDone, "exceptionNow")).isInstanceOf(IllegalStateException.class);
        }
        states.end();
        assertThat(call(states.running, "resultNow")).isEqualTo(true);
        assertThat(call(states.pending, "resultNow")).isEqualTo(9);
        assertThatThrownBy(() -> call(states.running, "exceptionNow")).isInstanceOf(IllegalStateException.class);
        assertThat(call(states.failed, "exceptionNow")).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> call(states.failed, "resultNow")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call(states.cancelled, "resultNow")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call(states.cancelled, "exceptionNow")).isInstanceOf(IllegalStateException.class);
    }

    /** A future in each state, and one that waits. */
    private final class States {
        private final PoolExecutor pool = sharedPool(1);
        private final Gate gate = newGate();
        final PoolFuture<Boolean> running = started(pool, gate);
        final PoolFuture<Integer> pending = pool.submit(Tasks::square, 3);
        final PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        final PoolFuture<Integer> cancelled = pool.submit(Tasks::square, 4);

        void end() {
            assertThat(cancelled.cancel()).isTrue();
            gate.open();
            Futures.wait(List.of(running, pending, failed));
        }
    }

    /** Calls one of the methods that Java 17, which the tests are compiled for, does not have. */
    private static Object call(Future<?> future, String method) throws Exception {
        try {
            return Future.class.getMethod(method).invoke(future);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception thrown ? thrown : e;
        }
    }
}
