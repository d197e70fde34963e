package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code CompletableFuture} and {@code CompletionStage} say, of the futures a pool gives. */
public abstract class CompletableFutureContract extends Contract {
    private static final Executor DIRECT = Runnable::run;

    /** Forms of a dependent. */
    private interface Dependent extends Function<PoolFuture<Integer>, CompletableFuture<?>> {}

    /** A form of dependent, and what it gives when the task gives 4. */
    private record Form(String name, Dependent dependent, @Nullable Object expected) {}

    /** Each form whose function takes results. */
    private static List<Form> formsOfResults() {
        CompletableFuture<Integer> one = CompletableFuture.completedFuture(1);
        List<Form> forms = new ArrayList<>();
        forms.add(new Form("thenApply", f -> f.thenApply(v -> v + 1), 5));
        forms.add(new Form("thenApplyAsync", f -> f.thenApplyAsync(v -> v + 1), 5));
        forms.add(new Form("thenApplyAsync(executor)", f -> f.thenApplyAsync(v -> v + 1, DIRECT), 5));
        forms.add(new Form("thenAccept", f -> f.thenAccept(v -> {}), null));
        forms.add(new Form("thenAcceptAsync", f -> f.thenAcceptAsync(v -> {}), null));
        forms.add(new Form("thenRun", f -> f.thenRun(() -> {}), null));
        forms.add(new Form("thenRunAsync", f -> f.thenRunAsync(() -> {}), null));
        forms.add(new Form("thenCombine", f -> f.thenCombine(one, Integer::sum), 5));
        forms.add(new Form("thenCombine, as the other", f -> one.thenCombine(f, Integer::sum), 5));
        forms.add(new Form("thenCombineAsync", f -> f.thenCombineAsync(one, Integer::sum), 5));
        forms.add(new Form("thenAcceptBoth", f -> f.thenAcceptBoth(one, (a, b) -> {}), null));
        forms.add(new Form("runAfterBoth", f -> f.runAfterBoth(one, () -> {}), null));
        forms.add(new Form("runAfterBoth, as the other", f -> one.runAfterBoth(f, () -> {}), null));
        forms.add(new Form("thenCompose", f -> f.thenCompose(v -> CompletableFuture.completedFuture(v + 2)), 6));
        forms.add(new Form(
                "thenComposeAsync", f -> f.thenComposeAsync(v -> CompletableFuture.completedFuture(v + 2)), 6));
        forms.add(new Form("thenCompose, as what follows", f -> one.thenCompose(v -> f), 4));
        forms.add(new Form("applyToEither", f -> f.applyToEither(new CompletableFuture<>(), v -> v + 1), 5));
        forms.add(new Form(
                "applyToEither, as the other", f -> new CompletableFuture<Integer>().applyToEither(f, v -> v + 1), 5));
        forms.add(new Form("acceptEither", f -> f.acceptEither(new CompletableFuture<>(), v -> {}), null));
        forms.add(new Form("runAfterEither", f -> f.runAfterEither(new CompletableFuture<>(), () -> {}), null));
        forms.add(new Form("copy", f -> f.copy(), 4));
        forms.add(new Form("minimalCompletionStage", f -> minimal(f), 4));
        forms.add(new Form("whenComplete", f -> f.whenComplete((v, t) -> {}), 4));
        forms.add(new Form("whenCompleteAsync", f -> f.whenCompleteAsync((v, t) -> {}), 4));
        forms.add(new Form("allOf", f -> CompletableFuture.allOf(f), null));
        forms.add(new Form("allOf, with others", f -> CompletableFuture.allOf(one, f, one), null));
        forms.add(new Form("anyOf", f -> CompletableFuture.anyOf(f), 4));
        forms.add(new Form("anyOf, with others", f -> CompletableFuture.anyOf(new CompletableFuture<>(), f), 4));
        return forms;
    }

    /** Each form whose function takes failures. */
    private static List<Form> formsOfFailures() {
        List<Form> forms = new ArrayList<>();
        forms.add(new Form("handle", f -> f.handle((v, t) -> t == null ? v : -1), 4));
        forms.add(new Form("handleAsync", f -> f.handleAsync((v, t) -> t == null ? v : -1), 4));
        forms.add(new Form("exceptionally", f -> f.exceptionally(t -> -1), 4));
        forms.add(new Form("exceptionallyAsync", f -> f.exceptionallyAsync(t -> -1), 4));
        forms.add(new Form(
                "exceptionallyCompose", f -> f.exceptionallyCompose(t -> CompletableFuture.completedFuture(-1)), 4));
        return forms;
    }

    private static CompletableFuture<Integer> minimal(PoolFuture<Integer> future) {
        CompletionStage<Integer> stage = future.minimalCompletionStage();
        if (stage instanceof CompletableFuture<Integer> completable) {
            assertThatThrownBy(() -> completable.complete(1)).isInstanceOf(UnsupportedOperationException.class);
        }
        return stage.toCompletableFuture();
    }

    // ------------------------------------------------------------------------------------------ dependents

    @Test
    @DisplayName("every form of dependent, added before the end or after it, gives what follows from the result")
    void followsResults() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Integer> future = pool.submit(() -> gate.await() ? 4 : 5);
        List<Form> forms = formsOfResults();
        forms.addAll(formsOfFailures());
        Map<Form, CompletableFuture<?>> before = new LinkedHashMap<>();
        forms.forEach(form -> before.put(form, form.dependent.apply(future)));
        assertThat(before.values()).noneMatch(CompletableFuture::isDone);
        assertThat(future.getNumberOfDependents()).isPositive();
        gate.open();
        for (Map.Entry<Form, CompletableFuture<?>> added : before.entrySet()) {
            Form form = added.getKey();
            assertThat((Object) added.getValue().get(60, TimeUnit.SECONDS))
                    .as(form.name)
                    .isEqualTo(form.expected);
            assertThat((Object) form.dependent.apply(future).get(60, TimeUnit.SECONDS))
                    .as(form.name + ", added later")
                    .isEqualTo(form.expected);
        }
    }

    @Test
    @DisplayName(
            "what follows a failure fails with it, wrapped in a CompletionException; handlers see the failure itself")
    void followsFailures() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Integer> failed = pool.submit(() -> gate.await() ? Tasks.inverse(0) : 5);
        Map<Form, CompletableFuture<?>> passed = new LinkedHashMap<>();
        formsOfResults().forEach(form -> passed.put(form, form.dependent.apply(failed)));
        Map<Form, CompletableFuture<?>> handled = new LinkedHashMap<>();
        formsOfFailures().forEach(form -> handled.put(form, form.dependent.apply(failed)));
        List<Throwable> seen = new ArrayList<>();
        CompletableFuture<Integer> seeing = failed.whenComplete((value, thrown) -> seen.add(thrown));
        CompletableFuture<Throwable> further = failed.thenApply(value -> value).handle((value, thrown) -> thrown);
        gate.open();
        assertThatThrownBy(() -> seeing.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(ArithmeticException.class);
        assertThat(seen).singleElement().isInstanceOf(ArithmeticException.class);
        assertThat(further.get(60, TimeUnit.SECONDS))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(ArithmeticException.class);
        for (Map.Entry<Form, CompletableFuture<?>> added : passed.entrySet()) {
            Form form = added.getKey();
            for (CompletableFuture<?> one : List.of(added.getValue(), form.dependent.apply(failed))) {
                assertThatThrownBy(() -> one.get(60, TimeUnit.SECONDS))
                        .as(form.name)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(ArithmeticException.class);
                assertThatThrownBy(one::join)
                        .as(form.name)
                        .isInstanceOf(CompletionException.class)
                        .hasCauseInstanceOf(ArithmeticException.class);
            }
        }
        for (Map.Entry<Form, CompletableFuture<?>> added : handled.entrySet()) {
            Form form = added.getKey();
            assertThat((Object) added.getValue().get(60, TimeUnit.SECONDS))
                    .as(form.name)
                    .isEqualTo(-1);
            assertThat((Object) form.dependent.apply(failed).get(60, TimeUnit.SECONDS))
                    .as(form.name)
                    .isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("what follows a cancelled future fails with the CancellationException, and is not cancelled itself")
    void followsCancellation() throws Exception {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> ignored = started(pool, newGate());
        PoolFuture<Integer> cancelled = pool.submit(Tasks::square, 2);
        Map<Form, CompletableFuture<?>> dependents = new LinkedHashMap<>();
        formsOfResults().forEach(form -> dependents.put(form, form.dependent.apply(cancelled)));
        assertThat(cancelled.cancel()).isTrue();
        for (Map.Entry<Form, CompletableFuture<?>> added : dependents.entrySet()) {
            assertThatThrownBy(() -> added.getValue().get(60, TimeUnit.SECONDS))
                    .as(added.getKey().name)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CancellationException.class);
            assertThat(added.getValue().isCancelled()).as(added.getKey().name).isFalse();
        }
        assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> cancelled.getNow(1)).isInstanceOf(CancellationException.class);
        assertThat(cancelled.isCompletedExceptionally()).isTrue();
    }

    @Test
    @DisplayName("a dependent that is cancelled or completed by hand leaves the task, and its siblings, alone")
    void dependentsAreApart() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Integer> future = pool.submit(() -> gate.await() ? 4 : 5);
        CompletableFuture<Integer> sibling = future.thenApply(value -> value + 1);
        for (Form form : formsOfResults()) {
            CompletableFuture<?> dependent = form.dependent.apply(future);
            assertThat(dependent.cancel(true)).as(form.name).isTrue();
        }
        assertThat(future.copy().complete(9)).isTrue();
        CompletableFuture<Integer> made = future.newIncompleteFuture();
        assertThat(made).isExactlyInstanceOf(CompletableFuture.class).isNotDone();
        assertThat(made.complete(8)).isTrue();
        assertThat(future.isDone()).isFalse();
        gate.open();
        assertThat(sibling.get(60, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(future.result()).isEqualTo(4);
    }

    @Test
    @DisplayName("dependents of every form may block, and delay no other future")
    void dependentsMayBlock() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(6);
        Runnable block = () -> {
            blocked.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        PoolFuture<Boolean> ignored = started(pool, gate);
        CompletableFuture<Integer> one = CompletableFuture.completedFuture(1);
        List<CompletableFuture<?>> dependents = List.of(
                pool.submit(Tasks::square, 1).thenRun(block),
                pool.submit(Tasks::inverse, 0).whenComplete((value, thrown) -> block.run()),
                one.runAfterBoth(pool.submit(Tasks::square, 2), block),
                new CompletableFuture<>().runAfterEither(pool.submit(Tasks::square, 3), block),
                CompletableFuture.allOf(pool.submit(Tasks::square, 4), pool.submit(Tasks::square, 5))
                        .thenRun(block),
                CompletableFuture.anyOf(pool.submit(Tasks::square, 6)).thenRun(block));
        PoolFuture<Integer> last = pool.submit(Tasks::square, 7);
        gate.open();
        assertThat(blocked.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.get(60, TimeUnit.SECONDS)).isEqualTo(49);
        assertThat(pool.submit(Tasks::square, 8).get(60, TimeUnit.SECONDS)).isEqualTo(64);
        release.countDown();
        for (CompletableFuture<?> dependent : dependents) {
            dependent.handle((value, thrown) -> "done").get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    @DisplayName("every null function is a NullPointerException")
    void refusesNulls() {
        PoolFuture<Integer> future = sharedPool(1).submit(Tasks::square, 2);
        CompletableFuture<Integer> one = CompletableFuture.completedFuture(1);
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("thenApply", () -> future.thenApply(null));
        calls.put("thenApplyAsync", () -> future.thenApplyAsync(v -> v, null));
        calls.put("thenAccept", () -> future.thenAccept(null));
        calls.put("thenRun", () -> future.thenRun(null));
        calls.put("thenCombine", () -> future.thenCombine(one, null));
        calls.put("thenCombine, other", () -> future.thenCombine((CompletableFuture<Integer>) null, Integer::sum));
        calls.put("thenAcceptBoth", () -> future.thenAcceptBoth(one, null));
        calls.put("runAfterBoth", () -> future.runAfterBoth(one, null));
        calls.put("thenCompose", () -> future.thenCompose(null));
        calls.put("applyToEither", () -> future.applyToEither(one, null));
        calls.put("acceptEither", () -> future.acceptEither(one, null));
        calls.put("runAfterEither", () -> future.runAfterEither(one, null));
        calls.put("handle", () -> future.handle(null));
        calls.put("whenComplete", () -> future.whenComplete(null));
        calls.put("exceptionally", () -> future.exceptionally(null));
        calls.put("exceptionallyAsync", () -> future.exceptionallyAsync(null));
        calls.put("exceptionallyCompose", () -> future.exceptionallyCompose(null));
        calls.put("completeAsync", () -> future.completeAsync(null));
        calls.put("completeAsync, executor", () -> future.completeAsync(() -> 1, null));
        calls.put("completeExceptionally", () -> future.completeExceptionally(null));
        calls.put("obtrudeException", () -> future.obtrudeException(null));
        calls.put("orTimeout", () -> future.orTimeout(1, null));
        calls.put("completeOnTimeout", () -> future.completeOnTimeout(1, 1, null));
        calls.put("addDoneCallback", () -> future.addDoneCallback(null));
        calls.put("allOf", () -> CompletableFuture.allOf(future, null));
        calls.put("anyOf", () -> CompletableFuture.anyOf(null, future));
        calls.forEach((call, thrower) ->
                assertThat(catchThrowable(thrower)).as(call).isInstanceOf(NullPointerException.class));
        assertThat(future.result()).isEqualTo(4);
    }

    // ------------------------------------------------------------------------------------------ completing

    @Test
    @DisplayName("join, getNow and the is… methods tell pending, finished and failed apart")
    void tellsHowItStands() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        assertThat(running.getNow(false)).isFalse();
        assertThat(running.isCompletedExceptionally()).isFalse();
        assertThat(running.toCompletableFuture()).isSameAs(running);
        assertThat(running.defaultExecutor()).isSameAs(new CompletableFuture<>().defaultExecutor());
        gate.open();
        assertThat(running.join()).isTrue();
        assertThat(running.getNow(false)).isTrue();
        assertThatThrownBy(failed::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> failed.getNow(1))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(ArithmeticException.class);
        assertThat(failed.isCompletedExceptionally()).isTrue();
        assertThat(failed.isCancelled()).isFalse();
    }

    @Test
    @DisplayName("a task's CompletionException is unwrapped by get(), and not wrapped again by join()")
    void keepsCompletionExceptions() {
        PoolFuture<Integer> failed = sharedPool(1).submit(() -> {
            throw new CompletionException(new Tasks.FlakyException(3));
        });
        assertThatThrownBy(failed::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(Tasks.FlakyException.class);
        assertThatThrownBy(failed::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(Tasks.FlakyException.class);
    }

    @Test
    @DisplayName("complete… of a done one is false and changes nothing; obtrude… changes it, before and after the end")
    void isCompletedByHand() throws Exception {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> ignored = started(pool, gate);
        PoolFuture<Integer> future = pool.submit(Tasks::square, 2);
        CompletableFuture<Integer> dependent = future.thenApply(value -> value + 1);
        assertThat(future.complete(10)).isTrue();
        assertThat(future.complete(11)).isFalse();
        assertThat(future.completeExceptionally(new IllegalStateException())).isFalse();
        assertThat(future.cancel(true)).isFalse();
        assertThat(dependent.get()).isEqualTo(11);
        future.obtrudeValue(20);
        assertThat(future.get()).isEqualTo(20);
        assertThat(future.result()).isEqualTo(20);
        future.obtrudeException(new Tasks.FlakyException(1));
        assertThatThrownBy(future::get).hasCauseInstanceOf(Tasks.FlakyException.class);
        assertThat(future.exception()).isInstanceOf(Tasks.FlakyException.class);
        assertThat(dependent.get()).isEqualTo(11);
        PoolFuture<Integer> obtruded = pool.submit(Tasks::square, 3);
        CompletableFuture<Integer> after = obtruded.thenApply(value -> value + 1);
        obtruded.obtrudeValue(30);
        assertThat(after.get(60, TimeUnit.SECONDS)).isEqualTo(31);
        gate.open();
        pool.close();
        assertThat(obtruded.result()).as("the task's own result comes too late").isEqualTo(30);
    }

    @Test
    @DisplayName("completeAsync gives the same future, the supplier's value or wrapped failure, and never overwrites")
    void isCompletedAsynchronously() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> ignored = started(pool, gate);
        PoolFuture<Integer> supplied = pool.submit(Tasks::square, 2);
        assertThat(supplied.completeAsync(() -> 7)).isSameAs(supplied);
        assertThat(supplied.get(60, TimeUnit.SECONDS)).isEqualTo(7);
        PoolFuture<Integer> failed = pool.submit(Tasks::square, 2);
        assertThat(failed.completeAsync(
                        () -> {
                            throw new IllegalStateException("the supplier's");
                        },
                        DIRECT))
                .isSameAs(failed);
        assertThatThrownBy(failed::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(supplied.completeAsync(() -> 8, DIRECT).join()).isEqualTo(7);
    }

    @Test
    @DisplayName("orTimeout and completeOnTimeout give the same future, and leave alone what is done in time")
    void isTimed() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> running = started(pool, gate);
        PoolFuture<Integer> late = pool.submit(Tasks::square, 2);
        PoolFuture<Integer> defaulted = pool.submit(Tasks::square, 2);
        assertThat(late.orTimeout(1, TimeUnit.NANOSECONDS)).isSameAs(late);
        assertThat(defaulted.completeOnTimeout(7, -1, TimeUnit.DAYS)).isSameAs(defaulted);
        assertThat(running.orTimeout(1, TimeUnit.DAYS)).isSameAs(running);
        assertThatThrownBy(() -> late.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
        assertThat(late.exception()).isInstanceOf(TimeoutException.class);
        assertThat(defaulted.get(60, TimeUnit.SECONDS)).isEqualTo(7);
        gate.open();
        assertThat(running.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(running.completeOnTimeout(false, 0, TimeUnit.SECONDS).join()).isTrue();
    }
}
