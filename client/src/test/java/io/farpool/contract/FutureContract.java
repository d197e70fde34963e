package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.InvalidStateException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.TaskInfo;
import io.farpool.UncheckedInterruptedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 13 to 21, of the futures a pool gives. */
public abstract class FutureContract extends Contract {
    @Test
    @DisplayName("13. a pending future can be cancelled, again too, and its task never runs")
    void cancelsPending() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> blocker = running(pool, gate);
        PoolFuture<?> pending = pool.submit(() -> trace.add("ran"));
        awaitTasks(pool, 2);
        assertThat(pending.cancel()).isTrue();
        assertThat(pending.cancel()).isTrue();
        assertThat(pending.cancel(true)).isTrue();
        assertThat(pending.cancelled()).isTrue();
        assertThat(pending.done()).isTrue();
        awaitTasks(pool, 1);
        gate.open();
        assertThat(blocker.result()).isTrue();
        pool.close();
        assertThat(trace.lines()).isEmpty();
    }

    @Test
    @DisplayName("13. a future known to run, or done, refuses Python's cancel and stays as it is")
    void refusesToCancelRunning() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> future = running(pool, gate);
        assertThat(future.cancel()).isFalse();
        assertThat(future.cancelled()).isFalse();
        gate.open();
        assertThat(future.result()).isTrue();
        assertThat(future.cancel()).isFalse();
        assertThat(future.cancel(true)).isFalse();
        assertThat(future.result()).isTrue();
    }

    @Test
    @DisplayName("13. cancel(false) of a running one is true, and the task runs on unseen")
    void cancelsRunningUnseen() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<?> future = pool.submit(() -> {
            gate.await();
            trace.add("ran on");
            return null;
        });
        Await.until("it runs", future::running);
        assertThat(future.cancel(false)).isTrue();
        assertThat(future.cancelled()).isTrue();
        gate.open();
        Await.until("it has run on", () -> trace.lines().contains("ran on"));
    }

    @Test
    @DisplayName("14. done() holds for cancelled, failed and finished ones; running() while it runs")
    void tellsItsState() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> finished = running(pool, gate);
        PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        PoolFuture<Integer> cancelled = pool.submit(Tasks::inverse, 1);
        assertThat(finished.done()).isFalse();
        assertThat(failed.running()).isFalse();
        assertThat(failed.done()).isFalse();
        assertThat(cancelled.cancel()).isTrue();
        gate.open();
        assertThat(finished.result()).isTrue();
        assertThat(failed.exception()).isInstanceOf(ArithmeticException.class);
        for (PoolFuture<?> future : List.of(finished, failed, cancelled)) {
            assertThat(future.done()).isTrue();
            assertThat(future.running()).isFalse();
        }
    }

    @Test
    @DisplayName(
            "15. result(ZERO) of a pending one times out; a cancelled one throws; exception() of a success is null")
    void givesOutcomes() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> future = running(pool, gate);
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 2);
        assertThatThrownBy(() -> pending.result(Duration.ZERO)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> pending.result(Duration.ofSeconds(-1))).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> pending.exception(Duration.ofMillis(5))).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> pending.get(5, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        pending.cancel();
        assertThatThrownBy(pending::result).isInstanceOf(CancellationException.class);
        assertThatThrownBy(pending::exception).isInstanceOf(CancellationException.class);
        gate.open();
        assertThat(future.exception()).isNull();
        assertThat(future.result(Duration.ZERO)).isTrue();
        assertThat(future.exception(Duration.ZERO)).isNull();
    }

    @Test
    @DisplayName("16. a thread blocked in result() wakes when another cancels")
    void wakesWhenCancelled() throws Exception {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> ignored = running(pool, newGate());
        PoolFuture<Integer> pending = pool.submit(Tasks::square, 2);
        Blocked<Integer> blocked = Blocked.in(pending::result);
        pending.cancel();
        assertThat(blocked.failure()).isInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName("a thread interrupted in result() keeps its interrupt status; get() throws InterruptedException")
    void isInterrupted() throws Exception {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> future = running(pool, newGate());
        Blocked<Boolean> inResult = Blocked.in(future::result);
        inResult.thread().interrupt();
        assertThat(inResult.failure()).isInstanceOf(UncheckedInterruptedException.class);
        assertThat(inResult.interrupted()).isTrue();
        Blocked<Boolean> inGet = Blocked.in(future::get);
        inGet.thread().interrupt();
        assertThat(inGet.failure()).isInstanceOf(InterruptedException.class);
        assertThat(inGet.interrupted()).isFalse();
    }

    @Test
    @DisplayName("17. a result given to a finished future is refused and the first stands")
    void refusesASecondOutcome() {
        PoolFuture<Integer> future = sharedPool(1).submit(Tasks::square, 2);
        assertThat(future.result()).isEqualTo(4);
        assertThatThrownBy(() -> future.setResult(5)).isInstanceOf(InvalidStateException.class);
        assertThatThrownBy(() -> future.setException(new RuntimeException())).isInstanceOf(InvalidStateException.class);
        assertThatThrownBy(future::setRunningOrNotifyCancel).isInstanceOf(InvalidStateException.class);
        assertThat(future.result()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "18. callbacks come in the order added, with the future itself, however it ended; one that throws stops none")
    void callsBack() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> finished = running(pool, gate);
        PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        PoolFuture<Integer> cancelled = pool.submit(Tasks::inverse, 1);
        for (PoolFuture<?> future : List.of(finished, failed, cancelled)) {
            List<Object> calls = new CopyOnWriteArrayList<>();
            future.addDoneCallback(f -> calls.add(1));
            future.addDoneCallback(f -> {
                throw new IllegalStateException("a callback's own, to be logged");
            });
            future.addDoneCallback(calls::add);
            future.addDoneCallback(f -> calls.add(f.done()));
            if (future == cancelled) {
                cancelled.cancel();
            } else {
                gate.open();
            }
            Await.until("all are called", () -> calls.size() == 3);
            assertThat(calls).containsExactly(1, future, true);
        }
    }

    @Test
    @DisplayName("18. a callback added after the end runs at once in the caller")
    void callsBackAtOnce() {
        PoolFuture<Integer> future = sharedPool(1).submit(Tasks::square, 2);
        future.result();
        List<Object> calls = new CopyOnWriteArrayList<>();
        future.addDoneCallback(f -> calls.add(Thread.currentThread()));
        assertThat(calls).containsExactly(Thread.currentThread());
    }

    @Test
    @DisplayName("18. a callback or dependent that blocks on another future of the pool delays no other future")
    void blocksNobody() throws Exception {
        PoolExecutor pool = sharedPool(1);
        Gate first = newGate();
        PoolFuture<Boolean> one = running(pool, first);
        PoolFuture<Integer> two = pool.submit(Tasks::square, 2);
        PoolFuture<Integer> three = pool.submit(Tasks::square, 3);
        List<Object> seen = new CopyOnWriteArrayList<>();
        one.addDoneCallback(f -> seen.add(two.result()));
        CompletableFuture<Integer> dependent = one.thenApply(f -> three.result());
        first.open();
        assertThat(dependent.get(60, TimeUnit.SECONDS)).isEqualTo(9);
        Await.until("the callback is through", () -> seen.contains(4));
    }

    @Test
    @DisplayName("18. dozens of callbacks that all wait for the last task delay no other future")
    void manyBlockNobody() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> ignored =
                running(pool, gate); // so that none is done when its callback is added, which would run in this thread
        List<Object> seen = new CopyOnWriteArrayList<>();
        PoolFuture<Integer> last = new PoolFuture<>();
        for (int i = 0; i < 50; i++) {
            pool.submit(Tasks::square, i).addDoneCallback(f -> seen.add(last.result()));
        }
        gate.open();
        assertThat(pool.submit(Tasks::square, 2).result()).isEqualTo(4);
        assertThat(seen).isEmpty();
        last.setResult(1);
        Await.until("all are through", () -> seen.size() == 50);
    }

    @Test
    @DisplayName("19. toString shows the state, and the type of the outcome")
    void showsItsState() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> finished = running(pool, gate);
        PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        PoolFuture<Integer> cancelled = pool.submit(Tasks::inverse, 1);
        assertThat(finished.toString()).contains("[running]");
        assertThat(failed.toString()).contains("[pending]");
        cancelled.cancel();
        assertThat(cancelled.toString()).contains("[cancelled]");
        gate.open();
        finished.result();
        assertThat(finished.toString()).contains("[finished returned java.lang.Boolean]");
        failed.exception();
        assertThat(failed.toString()).contains("[finished raised java.lang.ArithmeticException]");
    }

    @Test
    @DisplayName("20. what CompletableFuture offers works on a pool's future")
    void isACompletableFuture() {
        PoolExecutor pool = sharedPool(2);
        PoolFuture<Integer> four = pool.submit(Tasks::square, 2);
        PoolFuture<Integer> nine = pool.submit(Tasks::square, 3);
        PoolFuture<Integer> failed = pool.submit(Tasks::inverse, 0);
        assertThat(four.thenApply(value -> value + 1).join()).isEqualTo(5);
        assertThat(four.thenCombine(nine, Integer::sum).join()).isEqualTo(13);
        assertThat(CompletableFuture.allOf(four, nine)
                        .thenApply(nothing -> "all")
                        .join())
                .isEqualTo("all");
        assertThat(CompletableFuture.anyOf(four, nine).join()).isIn(4, 9);
        assertThat(failed.exceptionally(thrown -> -1).join()).isEqualTo(-1);
        assertThat(failed.handle((value, thrown) -> thrown.getClass().getSimpleName())
                        .join())
                .isEqualTo("ArithmeticException");
        assertThatThrownBy(failed::join).isInstanceOf(CompletionException.class);
        assertThat(four.getNow(0)).isEqualTo(4);
    }

    @Test
    @DisplayName("20. cancelling a dependent does not cancel the task")
    void dependentsAreApart() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> future = running(pool, gate);
        CompletableFuture<String> dependent = future.thenApply(value -> "then");
        assertThat(dependent.cancel(true)).isTrue();
        gate.open();
        assertThat(future.result()).isTrue();
    }

    @Test
    @DisplayName("20. orTimeout and completing by hand withdraw a task that has not started")
    void isWithdrawnWhenCompletedByHand() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> ignored = running(pool, gate);
        PoolFuture<String> timed = pool.submit(() -> ran(trace));
        PoolFuture<String> defaulted = pool.submit(() -> ran(trace));
        PoolFuture<String> completed = pool.submit(() -> ran(trace));
        PoolFuture<String> failed = pool.submit(() -> ran(trace));
        PoolFuture<String> supplied = pool.submit(() -> ran(trace));
        awaitTasks(pool, 6);
        CompletableFuture<String> timing = timed.orTimeout(1, TimeUnit.MILLISECONDS);
        assertThatThrownBy(timing::join).hasCauseInstanceOf(TimeoutException.class);
        assertThat(defaulted.completeOnTimeout("late", 1, TimeUnit.MILLISECONDS).join())
                .isEqualTo("late");
        assertThat(completed.complete("by hand")).isTrue();
        assertThat(failed.completeExceptionally(new IllegalStateException())).isTrue();
        assertThat(supplied.completeAsync(() -> "supplied").join()).isEqualTo("supplied");
        awaitTasks(pool, 1);
        gate.open();
        pool.close();
        assertThat(trace.lines()).isEmpty();
    }

    private static String ran(Trace trace) {
        trace.add("ran");
        return "ran";
    }

    @Test
    @DisplayName("21. cancel(true) stops a running task and the pool goes on")
    void stopsARunningTask() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Boolean> future = running(pool, newGate());
        assertThat(future.cancel(true)).isTrue();
        assertThatThrownBy(future::result).isInstanceOf(CancellationException.class);
        assertThat(pool.submit(Tasks::square, 5).result()).isEqualTo(25);
    }

    @Test
    @DisplayName("info() tells the attempts, where they ran and how they ended")
    void tellsItsStory() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Integer> future = pool.submit(Tasks::inverse, 0);
        future.exception();
        TaskInfo info = future.info();
        assertThat(info.state()).isEqualTo(TaskInfo.State.FINISHED);
        assertThat(info.id()).isNotEmpty();
        assertThat(info.attempts()).hasSize(1);
        TaskInfo.Attempt attempt = info.attempts().get(0);
        assertThat(attempt.number()).isEqualTo(1);
        assertThat(attempt.host()).isNotEmpty();
        assertThat(attempt.pid()).isPositive();
        assertThat(attempt.ending()).isEqualTo(TaskInfo.Ending.FAILURE);
        assertThat(attempt.ended()).isAfterOrEqualTo(attempt.started());
        if (backend().processes()) {
            String where = attempt.host() + ":" + attempt.pid();
            assertThat(info.story())
                    .extracting(TaskInfo.Event::what)
                    .startsWith("submitted", "assigned to host " + attempt.host())
                    .last(InstanceOfAssertFactories.STRING)
                    .startsWith("done: threw in " + where + ": java.lang.ArithmeticException");
        }
    }

    /** Submits a task that waits at the gate, and waits until it is known to run. */
    private static PoolFuture<Boolean> running(PoolExecutor pool, Gate gate) {
        PoolFuture<Boolean> future = pool.submit(gate::await);
        Await.until("it runs", future::running);
        return future;
    }
}
