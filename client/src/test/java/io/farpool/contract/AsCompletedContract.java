package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.Futures;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.UncheckedInterruptedException;
import io.farpool.UncheckedTimeoutException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract line 25. */
public abstract class AsCompletedContract extends Contract {
    @Test
    @DisplayName("25. done ones come first, then the others in the order of finishing")
    void comesInTheOrderOfFinishing() {
        PoolExecutor pool = sharedPool(3);
        Gate first = newGate();
        Gate second = newGate();
        PoolFuture<Boolean> late = pool.submit(second::await);
        PoolFuture<Boolean> early = pool.submit(first::await);
        PoolFuture<Boolean> done = pool.submit(() -> true);
        done.result();
        Iterator<PoolFuture<Boolean>> completed =
                Futures.asCompleted(List.of(late, early, done)).iterator();
        assertThat(completed.next()).isSameAs(done);
        first.open();
        assertThat(completed.next()).isSameAs(early);
        second.open();
        assertThat(completed.next()).isSameAs(late);
        assertThat(completed.hasNext()).isFalse();
        assertThatThrownBy(completed::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    @DisplayName("25. a duplicate comes once")
    void givesDuplicatesOnce() {
        PoolFuture<Integer> future = sharedPool(1).submit(Tasks::square, 2);
        assertThat(Futures.asCompleted(List.of(future, future))).containsExactly(future);
        assertThat(Futures.asCompleted(List.<PoolFuture<Integer>>of())).isEmpty();
    }

    @Test
    @DisplayName("25. even a timeout of zero gives the finished ones first, then says how many are not")
    void timesOutAfterTheFinished() {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        List<PoolFuture<Boolean>> futures = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            futures.add(pool.submit(() -> true));
        }
        Futures.wait(futures);
        for (int i = 0; i < 2; i++) {
            futures.add(pool.submit(gate::await));
        }
        List<PoolFuture<Boolean>> seen = new ArrayList<>();
        assertThatThrownBy(() -> Futures.asCompleted(futures, Duration.ZERO).forEach(seen::add))
                .isInstanceOf(UncheckedTimeoutException.class)
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessage("2 (of 4) futures unfinished");
        assertThat(seen).containsExactlyElementsOf(futures.subList(0, 2));
    }

    @Test
    @DisplayName("25. the timeout covers the whole iteration")
    void timesOutAsAWhole() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> future = pool.submit(gate::await);
        Iterator<PoolFuture<Boolean>> completed =
                Futures.asCompleted(List.of(future), Duration.ofMillis(30)).iterator();
        assertThatThrownBy(completed::next).isInstanceOf(UncheckedTimeoutException.class);
    }

    @Test
    @DisplayName("25. the timeout is not one for each next()")
    void timesOutThoughEachComesInTime() {
        List<PoolFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            futures.add(new PoolFuture<>());
        }
        futures.get(0).setResult(0);
        Executor soon = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);
        AtomicInteger seen = new AtomicInteger();
        assertThatThrownBy(() -> {
                    for (PoolFuture<Integer> ignored : Futures.asCompleted(futures, Duration.ofSeconds(1))) {
                        int next = seen.incrementAndGet();
                        if (next < futures.size()) {
                            soon.execute(() -> futures.get(next).setResult(next));
                        }
                    }
                })
                .isInstanceOf(UncheckedTimeoutException.class)
                .hasMessageContaining("(of 40) futures unfinished");
        assertThat(seen.get()).isBetween(1, 39);
    }

    @Test
    @DisplayName("25. the timeout counts from the call of asCompleted")
    void timesOutFromTheCall() {
        Iterable<PoolFuture<Integer>> completed =
                Futures.asCompleted(List.of(new PoolFuture<Integer>()), Duration.ofSeconds(5));
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        Iterator<PoolFuture<Integer>> iterator = completed.iterator();
        Await.until("its time is up", () -> System.nanoTime() - deadlineNanos >= 0);
        long askedNanos = System.nanoTime();
        assertThatThrownBy(iterator::next).isInstanceOf(UncheckedTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - askedNanos)).isLessThan(Duration.ofMillis(4_500));
    }

    @Test
    @DisplayName("25. yielded futures are not retained")
    void retainsNothing() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<Integer> pending = new PoolFuture<>();
        List<PoolFuture<Integer>> futures = new ArrayList<>(List.of(pool.submit(Tasks::square, 2), pending));
        Iterable<PoolFuture<Integer>> completed = Futures.asCompleted(futures);
        futures.clear();
        Iterator<PoolFuture<Integer>> iterator = completed.iterator();
        WeakReference<PoolFuture<Integer>> yielded = new WeakReference<>(iterator.next());
        Await.collected(yielded);
        pending.setResult(1);
        assertThat(iterator.next()).isSameAs(pending);
        assertThatThrownBy(completed::iterator).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("a thread interrupted in the iterator keeps its interrupt status")
    void isInterrupted() throws Exception {
        Iterator<PoolFuture<Integer>> completed =
                Futures.asCompleted(List.of(new PoolFuture<Integer>())).iterator();
        Blocked<?> waiting = Blocked.in(completed::next);
        waiting.thread().interrupt();
        assertThat(waiting.failure()).isInstanceOf(UncheckedInterruptedException.class);
        assertThat(waiting.interrupted()).isTrue();
    }
}
