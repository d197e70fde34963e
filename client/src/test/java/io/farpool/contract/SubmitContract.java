package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteBiFunction;
import io.farpool.RemoteCallable;
import io.farpool.RemoteFunction;
import io.farpool.RemoteRunnable;
import io.farpool.Shared;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 6, 7, 11 and 35. */
public abstract class SubmitContract extends Contract {
    @Test
    @DisplayName("6. submit(Calc::pow, 2, 8) gives 256")
    void submitsAFunctionOfTwo() {
        assertThat(sharedPool(1).submit(Tasks::pow, 2, 8).result()).isEqualTo(256);
    }

    @Test
    @DisplayName("6. every form of submit gives its result")
    void submitsInEveryForm() throws Exception {
        PoolExecutor pool = newPool(1);
        Trace trace = newTrace();
        int seven = 7;
        assertThat(pool.submit(() -> seven * 6).result()).isEqualTo(42);
        assertThat(pool.submit(Tasks::square, seven).result()).isEqualTo(49);
        assertThat(pool.submit((Callable<Integer> & java.io.Serializable) () -> seven)
                        .get())
                .isEqualTo(7);
        assertThat((Object) pool.submit(() -> trace.add("remote runnable")).result())
                .isNull();
        assertThat((Object) pool.submit((Runnable & java.io.Serializable) () -> trace.add("runnable"))
                        .result())
                .isNull();
        assertThat(pool.submit(() -> trace.add("with result"), "given").result())
                .isEqualTo("given");
        assertThat(pool.submit((Object nothing) -> nothing, null).result()).isNull();
        pool.execute(() -> trace.add("executed"));
        pool.close();
        assertThat(trace.lines()).containsExactly("remote runnable", "runnable", "with result", "executed");
    }

    @Test
    @DisplayName("6. a null function or task is a NullPointerException")
    void refusesNull() {
        PoolExecutor pool = sharedPool(1);
        assertThatThrownBy(() -> pool.submit((RemoteCallable<?>) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((Callable<?>) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((RemoteRunnable) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((Runnable) null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((RemoteFunction<Integer, Integer>) null, 1))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit((RemoteBiFunction<Integer, Integer, Integer>) null, 1, 2))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.execute((Runnable) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.map((RemoteFunction<Integer, Integer>) null, List.of(1)))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.with(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("7. after a shutdown submitting is rejected")
    void isRejectedAfterShutdown() {
        PoolExecutor pool = newPool(1);
        pool.shutdown();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 3)).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.map(Tasks::square, List.of(1))).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.invokeAll(List.<RemoteCallable<Integer>>of(() -> 1)))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    @DisplayName("11. an unchecked exception arrives as itself, with its cause and what it suppressed")
    void throwsUncheckedAsItself() {
        PoolFuture<Object> future = sharedPool(1).submit(() -> {
            IllegalStateException thrown = new IllegalStateException("outer", new RuntimeException("inner"));
            thrown.addSuppressed(new RuntimeException("suppressed"));
            throw thrown;
        });
        assertThatThrownBy(future::result)
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessage("outer")
                .hasStackTraceContaining("SubmitContract");
        assertThat(future.exception()).hasRootCauseMessage("inner");
        assertThat(future.exception().getSuppressed()).hasSize(1);
        assertThatThrownBy(future::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseExactlyInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("11. a checked exception arrives with its fields, as the cause of a CompletionException")
    void throwsCheckedAsCause() {
        PoolFuture<Object> future = sharedPool(1).submit(() -> {
            throw new Tasks.FlakyException(17);
        });
        assertThatThrownBy(future::result)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(Tasks.FlakyException.class);
        assertThat(((Tasks.FlakyException) future.exception()).code()).isEqualTo(17);
    }

    @Test
    @DisplayName("11. an Error arrives as itself and the pool goes on")
    void throwsErrors() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Object> future = pool.submit(() -> {
            throw new LinkageError("not linked");
        });
        assertThatThrownBy(future::result).isExactlyInstanceOf(LinkageError.class);
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
    }

    @Test
    @DisplayName("a shared value is seen by tasks, until it is closed")
    void sharesValues() {
        PoolExecutor pool = sharedPool(2);
        Shared<List<Integer>> shared = pool.share(List.of(10, 20, 30));
        assertThat(pool.map((Integer index) -> shared.get().get(index), List.of(2, 0, 1))
                        .toList())
                .containsExactly(30, 10, 20);
        assertThat(shared.get()).containsExactly(10, 20, 30);
        shared.close();
        shared.close();
        assertThatThrownBy(shared::get).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("35. invokeAll gives all futures done, in order, failed ones among them")
    void invokesAll() throws Exception {
        List<Future<Integer>> futures =
                newPool(2).invokeAll(List.<RemoteCallable<Integer>>of(() -> 1, () -> Tasks.inverse(0), () -> 3));
        assertThat(futures).hasSize(3).allMatch(Future::isDone);
        assertThat(futures.get(0).get()).isEqualTo(1);
        assertThatThrownBy(() -> futures.get(1).get()).hasCauseInstanceOf(ArithmeticException.class);
        assertThat(futures.get(2).get()).isEqualTo(3);
        assertThat(newPool(1).invokeAll(List.<RemoteCallable<Integer>>of())).isEmpty();
    }

    @Test
    @DisplayName("35. invokeAll cancels what is not done in time")
    void invokesAllInTime() throws Exception {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        pool.submit(Tasks::square, 1).result();
        List<Future<Boolean>> futures = pool.invokeAll(
                List.<RemoteCallable<Boolean>>of(() -> true, gate::await, gate::await), 5, TimeUnit.SECONDS);
        assertThat(futures).allMatch(Future::isDone);
        assertThat(futures.get(0).get()).isTrue();
        assertThat(futures.get(1).isCancelled()).isTrue();
        assertThat(futures.get(2).isCancelled()).isTrue();
    }

    @Test
    @DisplayName("35. invokeAny gives a success and cancels the losers")
    void invokesAny() throws Exception {
        PoolExecutor pool = newPool(3);
        Gate gate = newGate();
        int result = pool.invokeAny(
                List.<RemoteCallable<Integer>>of(() -> gate.await() ? 1 : 0, () -> 10 / Tasks.square(0), () -> 3));
        assertThat(result).isEqualTo(3);
        pool.close(); // which the blocked loser would hold up
    }

    @Test
    @DisplayName("35. invokeAny throws when all fail, when there are none, and when time is up")
    void invokesAnyInVain() {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        assertThatThrownBy(() -> pool.invokeAny(List.<RemoteCallable<Integer>>of(() -> 10 / Tasks.square(0))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.<RemoteCallable<Integer>>of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.invokeAny(
                        List.<RemoteCallable<Boolean>>of(gate::await, gate::await), 50, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        List<RemoteCallable<Integer>> withNull = new ArrayList<>();
        withNull.add(null);
        assertThatThrownBy(() -> pool.invokeAll(withNull)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAny(withNull)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("35. supplyAsync and ExecutorCompletionService work on threads")
    void takesWhatCannotShipOnThreads() throws Exception {
        assumeFalse(backend().processes(), "they cannot be shipped to processes");
        PoolExecutor pool = sharedPool(2);
        assertThat(CompletableFuture.supplyAsync(() -> 5, pool).join()).isEqualTo(5);
        ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool);
        service.submit(() -> 6);
        assertThat(service.take().get()).isEqualTo(6);
    }

    @Test
    @DisplayName("35. supplyAsync and ExecutorCompletionService are rejected at once by processes")
    void rejectsWhatCannotShip() {
        assumeTrue(backend().processes(), "threads take them");
        PoolExecutor pool = sharedPool(2);
        assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> 5, pool))
                .isInstanceOf(RejectedExecutionException.class);
        ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool);
        assertThatThrownBy(() -> service.submit(() -> 6))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("asCompleted");
    }
}
