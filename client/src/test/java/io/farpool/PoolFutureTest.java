package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.contract.Blocked;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PoolFutureTest {
    /** Counts withdrawals, and opens to the test what is for those who run tasks. */
    private static final class Watched extends PoolFuture<Integer> {
        private final List<Boolean> withdrawals = new CopyOnWriteArrayList<>();

        @Override
        protected void onWithdrawn(boolean mayInterruptIfRunning) {
            assertThat(isDone()).isTrue();
            withdrawals.add(mayInterruptIfRunning);
        }

        boolean settle(int value) {
            return settleResult(value);
        }

        boolean settleQuietly(int value) {
            return settleQuietly(value, null);
        }

        boolean ask(Runnable completion) {
            return askWaiter(completion);
        }
    }

    @Test
    @DisplayName("13. 17. setRunningOrNotifyCancel: pending gives true, cancelled false, anything else an exception")
    void startsOnce() {
        PoolFuture<Integer> future = new PoolFuture<>();
        assertThat(future.running()).isFalse();
        assertThat(future.setRunningOrNotifyCancel()).isTrue();
        assertThat(future.running()).isTrue();
        assertThat(future.cancel()).isFalse();
        assertThatThrownBy(future::setRunningOrNotifyCancel).isInstanceOf(InvalidStateException.class);
        future.setResult(1);
        assertThat(future.running()).isFalse();
        assertThatThrownBy(future::setRunningOrNotifyCancel).isInstanceOf(InvalidStateException.class);
        PoolFuture<Integer> cancelled = new PoolFuture<>();
        assertThat(cancelled.cancel()).isTrue();
        assertThat(cancelled.setRunningOrNotifyCancel()).isFalse();
        assertThatThrownBy(() -> cancelled.setResult(1)).isInstanceOf(InvalidStateException.class);
    }

    @Test
    @DisplayName("17. of two outcomes the first stands")
    void keepsTheFirstOutcome() {
        PoolFuture<Integer> future = new PoolFuture<>();
        future.setException(new IllegalStateException("first"));
        assertThatThrownBy(() -> future.setException(new IllegalStateException("second")))
                .isInstanceOf(InvalidStateException.class)
                .hasMessageContaining("finished raised");
        assertThat(future.exception()).hasMessage("first");
        assertThatThrownBy(() -> future.setException(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("what shutdownNow cancels is stopped, should it have started unknown to the future")
    void stopsWhatMayRunUnknown() {
        Watched future = new Watched();
        assertThat(future.cancelFirst()).isTrue();
        assertThat(future.withdrawals).containsExactly(true);
        assertThat(future.isCancelled()).isTrue();
        assertThat(future.cancelFirst()).isFalse();
        Watched running = new Watched();
        assertThat(running.setRunningOrNotifyCancel()).isTrue();
        assertThat(running.cancelFirst()).isFalse();
        assertThat(running.isDone()).isFalse();
    }

    @Test
    @DisplayName("every way of completing withdraws the task, once; the task's own outcome does not")
    void withdrawsOnce() {
        List<Consumer<Watched>> ways = List.of(
                future -> future.complete(1),
                future -> future.completeExceptionally(new IllegalStateException()),
                future -> future.setResult(1),
                future -> future.setException(new IllegalStateException()),
                future -> future.cancel(),
                future -> future.cancel(false),
                future -> future.obtrudeValue(1),
                future -> future.obtrudeException(new IllegalStateException()),
                future -> future.completeAsync(() -> 1).join(),
                future -> future.completeOnTimeout(1, 1, TimeUnit.MILLISECONDS).join(),
                future -> assertThatThrownBy(
                                () -> future.orTimeout(1, TimeUnit.MILLISECONDS).join())
                        .isInstanceOf(CompletionException.class));
        for (Consumer<Watched> way : ways) {
            Watched future = new Watched();
            AtomicInteger dependents = new AtomicInteger();
            AtomicInteger callbacks = new AtomicInteger();
            Object ignored = future.whenComplete((value, thrown) -> dependents.incrementAndGet());
            future.addDoneCallback(f -> callbacks.incrementAndGet());
            way.accept(future);
            assertThat(future.complete(2)).isFalse();
            future.cancel(true);
            io.farpool.contract.Await.until(
                    "dependents and callbacks have run", () -> dependents.get() + callbacks.get() == 2);
            assertThat(future.withdrawals).containsExactly(false);
        }
        Watched interrupted = new Watched();
        interrupted.cancel(true);
        assertThat(interrupted.withdrawals).containsExactly(true);
        Watched settled = new Watched();
        assertThat(settled.settle(1)).isTrue();
        assertThat(settled.settle(2)).isFalse();
        settled.cancel(true);
        assertThat(settled.withdrawals).isEmpty();
    }

    @Test
    @DisplayName("a dependent that blocks holds up neither the withdrawal nor those who wait")
    void dependentsHoldUpNobody() throws Exception {
        Watched future = new Watched();
        CountDownLatch release = new CountDownLatch(1);
        Blocked<Integer> early = Blocked.in(future::result);
        Object ignored = future.thenRun(() -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Blocked<?> late = Blocked.in(() -> Futures.wait(List.of(future)));
        Blocked<Boolean> completing = Blocked.in(() -> future.complete(5));
        assertThat(early.value()).isEqualTo(5);
        assertThat(late.failure()).isNull();
        assertThat(future.withdrawals).hasSize(1);
        release.countDown();
        assertThat(completing.value()).isTrue();
    }

    @Test
    @DisplayName("a future completes quietly unless somebody has added a callback or a dependent; waiting adds none")
    void completesQuietly() {
        Watched waitedFor = new Watched();
        Blocked<Integer> waiting = Blocked.in(waitedFor::join);
        assertThat(waitedFor.settleQuietly(1)).isTrue();
        assertThat(waiting.value()).isEqualTo(1);
        assertThat(waitedFor.withdrawals).isEmpty();
        List<Consumer<Watched>> additions = List.of(
                future -> future.addDoneCallback(f -> {}),
                future -> assertThat(future.thenApply(value -> value)).isNotDone(),
                future -> assertThat(CompletableFuture.allOf(future)).isNotDone(),
                future -> assertThat(CompletableFuture.anyOf(future, new PoolFuture<>()))
                        .isNotDone(),
                future -> assertThat(new PoolFuture<>().runAfterBoth(future, () -> {}))
                        .isNotDone(),
                future -> assertThat(future.orTimeout(1, TimeUnit.HOURS).whenComplete((value, thrown) -> {}))
                        .isNotDone());
        for (Consumer<Watched> addition : additions) {
            Watched future = new Watched();
            addition.accept(future);
            assertThat(future.settleQuietly(2)).isFalse();
            assertThat(future.isDone()).isFalse();
            assertThat(future.settle(3)).isTrue();
        }
    }

    @Test
    @DisplayName("a thread that waits without a limit of time completes the future when asked, once")
    void waiterCompletes() {
        Watched future = new Watched();
        CompletableFuture<Void> mayComplete = new CompletableFuture<>();
        AtomicReference<Thread> completer = new AtomicReference<>();
        assertThat(future.ask(() -> {})).isFalse();
        Blocked<Integer> waiting = Blocked.in(future::join);
        assertThat(future.ask(() -> {
                    completer.set(Thread.currentThread());
                    mayComplete.join();
                    assertThat(future.settleQuietly(1)).isTrue();
                }))
                .isTrue();
        assertThat(future.ask(() -> {})).isFalse();
        Blocked<Integer> second = Blocked.in(future::result);
        mayComplete.complete(null);
        assertThat(waiting.value()).isEqualTo(1);
        assertThat(second.value()).isEqualTo(1);
        assertThat(completer.get()).isNotNull().isNotSameAs(Thread.currentThread());
        assertThat(future.ask(() -> {})).isFalse();
    }

    @Test
    @DisplayName("a thread that was asked to complete a future and may not goes on waiting")
    void waiterPassesOn() throws Exception {
        Watched future = new Watched();
        Blocked<Integer> waiting = Blocked.in(future::join);
        CountDownLatch refused = new CountDownLatch(1);
        assertThat(future.ask(() -> {
                    future.addDoneCallback(f -> {});
                    assertThat(future.settleQuietly(1)).isFalse();
                    refused.countDown();
                }))
                .isTrue();
        assertThat(refused.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(future.settle(2)).isTrue();
        assertThat(waiting.value()).isEqualTo(2);
    }

    @Test
    @DisplayName("none is asked that waits for a limited time, nor where user code is attached, nor after an interrupt")
    void asksNobodyElse() throws Exception {
        Watched timed = new Watched();
        Blocked<Integer> waiting = Blocked.in(() -> timed.get(1, TimeUnit.MINUTES));
        assertThat(timed.ask(() -> {})).isFalse();
        assertThat(timed.settle(1)).isTrue();
        assertThat(waiting.value()).isEqualTo(1);
        Watched attached = new Watched();
        attached.addDoneCallback(f -> {});
        Blocked<Integer> waitsToo = Blocked.in(attached::join);
        assertThat(attached.ask(() -> {})).isFalse();
        assertThat(attached.settle(2)).isTrue();
        assertThat(waitsToo.value()).isEqualTo(2);
        Watched left = new Watched();
        Blocked<Integer> interrupted = Blocked.in(left::get);
        interrupted.thread().interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
        assertThat(left.ask(() -> {})).isFalse();
    }

    @Test
    @DisplayName("what is added while a future completes quietly never runs in the completing thread")
    void runsNothingWhileCompletingQuietly() throws Exception {
        Set<Thread> ran = ConcurrentHashMap.newKeySet();
        List<Watched> futures = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            futures.add(new Watched());
        }
        AtomicInteger refused = new AtomicInteger();
        Thread completer = new Thread(() -> {
            for (Watched future : futures) {
                if (!future.settleQuietly(1)) {
                    refused.incrementAndGet();
                }
            }
        });
        completer.start();
        for (Watched future : futures) {
            future.addDoneCallback(f -> ran.add(Thread.currentThread()));
            Object ignored = future.thenRun(() -> ran.add(Thread.currentThread()));
        }
        completer.join();
        assertThat(ran).doesNotContain(completer);
        assertThat(futures.stream().filter(future -> !future.isDone())).hasSize(refused.get());
    }

    @Test
    @DisplayName("a task's CompletionException is thrown as itself, not unwrapped")
    void keepsACompletionException() {
        PoolFuture<Integer> future = new PoolFuture<>();
        CompletionException thrown = new CompletionException(new IllegalStateException());
        future.setException(thrown);
        assertThatThrownBy(future::result).isSameAs(thrown);
        assertThat(future.exception()).isSameAs(thrown);
    }

    @Test
    @DisplayName("join() waits through an interrupt and keeps it")
    void joinsThroughAnInterrupt() throws Exception {
        PoolFuture<Integer> future = new PoolFuture<>();
        Blocked<Integer> joining = Blocked.in(future::join);
        joining.thread().interrupt();
        Thread.onSpinWait();
        future.complete(3);
        assertThat(joining.value()).isEqualTo(3);
        assertThat(joining.interrupted()).isTrue();
    }

    @Test
    @DisplayName("of many who complete, start and cancel at once, exactly one wins, and all callbacks run once")
    void survivesARace() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            Watched future = new Watched();
            AtomicInteger winners = new AtomicInteger();
            AtomicInteger called = new AtomicInteger();
            CyclicBarrier start = new CyclicBarrier(3);
            List<Runnable> racers = List.of(
                    () -> winners.addAndGet(future.complete(1) ? 1 : 0),
                    () -> winners.addAndGet(future.cancel() ? 1 : 0),
                    () -> future.addDoneCallback(f -> called.incrementAndGet()));
            List<Thread> threads = new ArrayList<>();
            for (Runnable racer : racers) {
                Thread thread = new Thread(() -> {
                    try {
                        start.await();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    racer.run();
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(winners).hasValue(1);
            assertThat(called).hasValue(1);
            assertThat(future.withdrawals).containsExactly(false);
        }
    }

    @Test
    @DisplayName("19. toString and info of a future of no executor")
    void describesItself() {
        PoolFuture<Integer> future = new PoolFuture<>();
        assertThat(future.toString()).matches("PoolFuture@[0-9a-f]+\\[pending]");
        assertThat(future.info()).isEqualTo(new TaskInfo("", "", TaskInfo.State.PENDING, List.of()));
        future.setResult(null);
        assertThat(future.toString()).endsWith("[finished returned null]");
        assertThat(future.info().state()).isEqualTo(TaskInfo.State.FINISHED);
        PoolFuture<Integer> cancelled = new PoolFuture<>();
        cancelled.cancel();
        assertThat(cancelled.info().state()).isEqualTo(TaskInfo.State.CANCELLED);
        assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName("20. the methods that JDK 19 added to futures tell the truth")
    void answersTheNewerMethods() throws Exception {
        assumeTrue(Runtime.version().feature() >= 19, "this JDK does not have them");
        PoolFuture<Integer> future = new PoolFuture<>();
        assertThat(invoked(future, "state")).hasToString("RUNNING");
        future.setResult(4);
        assertThat(invoked(future, "state")).hasToString("SUCCESS");
        assertThat(invoked(future, "resultNow")).isEqualTo(4);
        PoolFuture<Integer> failed = new PoolFuture<>();
        failed.setException(new IllegalStateException("why"));
        assertThat(invoked(failed, "state")).hasToString("FAILED");
        assertThat(invoked(failed, "exceptionNow")).isInstanceOf(IllegalStateException.class);
        PoolFuture<Integer> cancelled = new PoolFuture<>();
        cancelled.cancel();
        assertThat(invoked(cancelled, "state")).hasToString("CANCELLED");
    }

    private static Object invoked(PoolFuture<?> future, String method) throws ReflectiveOperationException {
        return Future.class.getMethod(method).invoke(future);
    }
}
