package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.util.concurrent.ListeningExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import io.farpool.NotSerializableTaskException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteCallable;
import io.farpool.RemoteRunnable;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;

/**
 * Code that knows only {@code ExecutorService}: it works where its tasks can ship, which on threads they always can, and is
 * rejected at once where not. Nothing of it leaves a future that hangs.
 */
public abstract class ForeignCodeContract extends Contract {
    /** Asked for when something is rejected, since a pool's users must be told what to use in its place. */
    private static final String[] IN_PLACE = {"pool.submit", "Futures.asCompleted", "ThreadPoolExecutor"};

    // ------------------------------------------------------------------------------------------ CompletableFuture

    @Test
    @DisplayName("35. supplyAsync and runAsync on the pool work on threads, and are rejected at once by processes")
    void suppliesAsynchronously() {
        PoolExecutor pool = sharedPool(1);
        Map<String, Callable<Future<?>>> calls = new LinkedHashMap<>();
        calls.put("supplyAsync", () -> CompletableFuture.supplyAsync(() -> 5, pool));
        calls.put("runAsync", () -> CompletableFuture.runAsync(() -> {}, pool));
        calls.put("completeAsync", () -> new CompletableFuture<Integer>().completeAsync(() -> 5, pool));
        calls.put("completeAsync of a pool's", () -> new PoolFuture<Integer>().completeAsync(() -> 5, pool));
        calls.forEach((name, call) -> worksOrIsRejected(name, call, IN_PLACE));
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
    }

    @Test
    @DisplayName("35. thenApplyAsync(f, pool) and the like work on threads, and fail at once with processes")
    void continuesAsynchronously() throws Exception {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
        CompletableFuture<Integer> plain = new CompletableFuture<>();
        PoolFuture<Integer> task = pool.submit(() -> gate.await() ? 4 : 5);
        Map<String, Function<CompletableFuture<Integer>, CompletableFuture<?>>> forms = new LinkedHashMap<>();
        forms.put("thenApplyAsync", f -> f.thenApplyAsync(value -> value + 1, pool));
        forms.put("thenAcceptAsync", f -> f.thenAcceptAsync(value -> {}, pool));
        forms.put("thenRunAsync", f -> f.thenRunAsync(() -> {}, pool));
        forms.put("thenComposeAsync", f -> f.thenComposeAsync(value -> done, pool));
        forms.put("thenCombineAsync", f -> f.thenCombineAsync(done, Integer::sum, pool));
        forms.put("runAfterBothAsync", f -> f.runAfterBothAsync(done, () -> {}, pool));
        forms.put("applyToEitherAsync", f -> f.applyToEitherAsync(new CompletableFuture<>(), value -> value, pool));
        forms.put("handleAsync", f -> f.handleAsync((value, thrown) -> 1, pool));
        forms.put("whenCompleteAsync", f -> f.whenCompleteAsync((value, thrown) -> {}, pool));
        Map<String, CompletableFuture<?>> dependents = new LinkedHashMap<>();
        forms.forEach((name, form) -> {
            dependents.put(name + " of a done one", form.apply(done));
            dependents.put(name + " of one to come", form.apply(plain));
            dependents.put(name + " of a task", form.apply(task));
        });
        assertThat(plain.complete(2)).isTrue();
        gate.open();
        for (Map.Entry<String, CompletableFuture<?>> dependent : dependents.entrySet()) {
            if (backend().processes()) {
                assertThat(catchThrowable(() -> dependent.getValue().get(60, TimeUnit.SECONDS)))
                        .as(dependent.getKey())
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOf(RejectedExecutionException.class)
                        .hasMessageContainingAll("CompletableFuture$", "thenCompose");
            } else {
                assertThat(dependent
                                .getValue()
                                .handle((value, thrown) -> thrown)
                                .get(60, TimeUnit.SECONDS))
                        .as(dependent.getKey())
                        .isNull();
            }
        }
    }

    @Test
    @DisplayName("35. what is used in place of supplyAsync and thenApplyAsync works on every pool")
    void worksInPlace() throws Exception {
        PoolExecutor pool = sharedPool(1);
        CompletableFuture<Integer> then = pool.submit(() -> 2).thenCompose(two -> pool.submit(() -> two * 21));
        assertThat(then.get(60, TimeUnit.SECONDS)).isEqualTo(42);
    }

    // ------------------------------------------------------------------------------------------ java.util.concurrent

    @Test
    @DisplayName("35. an ExecutorCompletionService works on threads, and is rejected at once by processes")
    void completes() throws Exception {
        PoolExecutor pool = sharedPool(1);
        ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool);
        worksOrIsRejected("submit(Callable)", () -> service.submit((RemoteCallable<Integer>) () -> 6), IN_PLACE);
        worksOrIsRejected("submit(Runnable, T)", () -> service.submit((RemoteRunnable) () -> {}, 7), IN_PLACE);
        if (backend().processes()) {
            assertThat(service.poll()).isNull();
        } else {
            assertThat(List.of(service.take().get(), service.take().get())).containsExactly(6, 7);
        }
    }

    @Test
    @DisplayName(
            "35. a FutureTask is run by threads; processes reject it when executed, and when submitted fail at once")
    void takesFutureTasks() throws Exception {
        PoolExecutor pool = sharedPool(1);
        FutureTask<Integer> executed = new FutureTask<>(() -> 5);
        FutureTask<Integer> submitted = new FutureTask<>(() -> 6);
        worksOrIsRejected(
                "execute",
                () -> {
                    pool.execute(executed);
                    return executed;
                },
                IN_PLACE);
        PoolFuture<?> future = pool.submit(submitted);
        if (backend().processes()) {
            assertThat(future.isDone()).isTrue();
            assertThat(future.exception())
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContaining("FutureTask");
        } else {
            assertThat((Object) future.get(60, TimeUnit.SECONDS)).isNull();
            assertThat(submitted.get(60, TimeUnit.SECONDS)).isEqualTo(6);
        }
    }

    @Test
    @DisplayName("35. a task that cannot ship runs on threads; processes reject it or fail its future, naming it")
    void takesPlainLambdas() throws Exception {
        PoolExecutor pool = sharedPool(1);
        CompletableFuture<String> ran = new CompletableFuture<>();
        Runnable runnable = () -> ran.complete("ran");
        Callable<String> callable = () -> "called";
        worksOrIsRejected(
                "execute(Runnable)",
                () -> {
                    pool.execute(runnable);
                    return ran;
                },
                ForeignCodeContract.class.getName(),
                "RemoteRunnable");
        PoolFuture<String> called = pool.submit(callable);
        if (backend().processes()) {
            assertThat(called.isDone()).isTrue();
            assertThat(called.exception())
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContainingAll(ForeignCodeContract.class.getName(), "RemoteCallable");
        } else {
            assertThat(called.get(60, TimeUnit.SECONDS)).isEqualTo("called");
        }
    }

    // ------------------------------------------------------------------------------------------ Spring and Guava

    @Test
    @DisplayName("35. Spring's adapters hand over tasks that ship, and what does not is refused at once")
    void worksBehindSpring() throws Exception {
        PoolExecutor pool = newPool(1);
        for (TaskExecutorAdapter spring : List.of(new TaskExecutorAdapter(pool), new Adapter(pool))) {
            Trace trace = newTrace();
            assertThat(spring.submit((Callable<Integer> & Serializable) () -> Tasks.square(3))
                            .get(60, TimeUnit.SECONDS))
                    .isEqualTo(9);
            spring.submit((Runnable & Serializable) () -> trace.add("submitted"))
                    .get(60, TimeUnit.SECONDS);
            spring.execute((Runnable & Serializable) () -> trace.add("executed"));
            Await.until("it has run", () -> trace.lines().contains("executed"));
            assertThat(trace.lines()).containsExactly("submitted", "executed");
            worksOrIsRejected("submitCompletable", () -> spring.submitCompletable(() -> 5), IN_PLACE);
            refusesAfterTheFact(spring);
        }
        ConcurrentTaskExecutor concurrent = new ConcurrentTaskExecutor(pool);
        assertThat(concurrent
                        .submit((Callable<Integer> & Serializable) () -> Tasks.square(4))
                        .get(60, TimeUnit.SECONDS))
                .isEqualTo(16);
        worksOrIsRejected("ConcurrentTaskExecutor", () -> concurrent.submitCompletable(() -> 5), IN_PLACE);
        pool.shutdown();
        assertThatThrownBy(() -> concurrent.execute((Runnable & Serializable) () -> {}))
                .isInstanceOf(TaskRejectedException.class);
        assertThatThrownBy(() -> concurrent.submit((Callable<Integer> & Serializable) () -> 1))
                .isInstanceOf(TaskRejectedException.class);
    }

    /** Another of Spring's way: an {@code @Async} method's body, which captures the proxy's call and cannot ship. */
    private void refusesAfterTheFact(TaskExecutorAdapter spring) throws Exception {
        Object proxyCall = new Object();
        Future<Integer> future = spring.submit(() -> proxyCall.hashCode() == 0 ? 1 : 2);
        if (backend().processes()) {
            assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(NotSerializableTaskException.class);
        } else {
            assertThat(future.get(60, TimeUnit.SECONDS)).isIn(1, 2);
        }
    }

    /** An adapter of the user's own. */
    private static final class Adapter extends TaskExecutorAdapter {
        Adapter(PoolExecutor pool) {
            super(pool);
        }
    }

    @Test
    @DisplayName("35. Guava's listeningDecorator works on threads, and is rejected at once by processes")
    void worksBehindGuava() {
        ListeningExecutorService guava = MoreExecutors.listeningDecorator(sharedPool(1));
        RemoteCallable<Integer> task = () -> 5;
        worksOrIsRejected("submit", () -> guava.submit(task), IN_PLACE);
        worksOrIsRejected("invokeAll", () -> guava.invokeAll(List.of(task)).get(0), IN_PLACE);
    }

    /** The call gives a future that is done soon, or with processes throws at once with these words. */
    private void worksOrIsRejected(String name, Callable<? extends Future<?>> call, String... words) {
        if (backend().processes()) {
            Throwable thrown = catchThrowable(call::call);
            assertThat(thrown).as(name).isInstanceOf(RejectedExecutionException.class);
            Throwable rejection = thrown instanceof TaskRejectedException ? thrown.getCause() : thrown;
            assertThat(rejection).as(name).hasMessageContainingAll(words);
        } else {
            assertThat(catchThrowable(() -> call.call().get(60, TimeUnit.SECONDS)))
                    .as(name)
                    .isNull();
        }
    }
}
