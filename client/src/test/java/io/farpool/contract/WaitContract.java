package io.farpool.contract;

import static io.farpool.Futures.ReturnWhen.ALL_COMPLETED;
import static io.farpool.Futures.ReturnWhen.FIRST_COMPLETED;
import static io.farpool.Futures.ReturnWhen.FIRST_EXCEPTION;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.Futures;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.UncheckedInterruptedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract lines 23 and 24. */
public abstract class WaitContract extends Contract {
    @Test
    @DisplayName("23. duplicates collapse")
    void countsDuplicatesOnce() {
        PoolFuture<Integer> future = sharedPool(1).submit(Tasks::square, 2);
        var waited = Futures.wait(List.of(future, future, future));
        assertThat(waited.done()).containsExactly(future);
        assertThat(waited.notDone()).isEmpty();
        assertThat(Futures.waitFor(List.<PoolFuture<Integer>>of()).done()).isEmpty();
    }

    @Test
    @DisplayName("23. FIRST_COMPLETED returns with the first, at once when one is already")
    void returnsWithTheFirst() {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        PoolFuture<Boolean> blocked = pool.submit(gate::await);
        PoolFuture<Boolean> quick = pool.submit(() -> true);
        for (int i = 0; i < 2; i++) {
            var waited = Futures.wait(List.of(blocked, quick), FIRST_COMPLETED);
            assertThat(waited.done()).containsExactly(quick);
            assertThat(waited.notDone()).containsExactly(blocked);
        }
    }

    @Test
    @DisplayName("23. FIRST_EXCEPTION returns with the first failure, at once when there is one already")
    void returnsWithTheFirstFailure() {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        PoolFuture<?> blocked = pool.submit(gate::await);
        PoolFuture<?> failed = pool.submit(Tasks::inverse, 0);
        for (int i = 0; i < 2; i++) {
            var waited = Futures.wait(List.of(blocked, failed), FIRST_EXCEPTION);
            assertThat(waited.done().contains(failed)).isTrue();
            assertThat(waited.done()).hasSize(1);
            assertThat(waited.notDone()).hasSize(1);
        }
    }

    @Test
    @DisplayName("23. a cancelled future is done but is no exception")
    void cancelledIsNoException() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> blocked = pool.submit(gate::await);
        PoolFuture<Boolean> cancelled = pool.submit(gate::await);
        cancelled.cancel();
        var waited = Futures.wait(List.of(blocked, cancelled), Duration.ofMillis(20), FIRST_EXCEPTION);
        assertThat(waited.done()).containsExactly(cancelled);
        assertThat(waited.notDone()).containsExactly(blocked);
        gate.open();
        assertThat(Futures.wait(List.of(blocked, cancelled), FIRST_EXCEPTION).notDone())
                .isEmpty();
    }

    @Test
    @DisplayName("23. a timeout gives partial sets and throws nothing")
    void timesOutQuietly() {
        PoolExecutor pool = sharedPool(2);
        Gate gate = newGate();
        PoolFuture<Boolean> blocked = pool.submit(gate::await);
        PoolFuture<Boolean> quick = pool.submit(() -> true);
        quick.result();
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(10), Duration.ofSeconds(-1))) {
            var waited = Futures.wait(List.of(blocked, quick), timeout, ALL_COMPLETED);
            assertThat(waited.done()).containsExactly(quick);
            assertThat(waited.notDone()).containsExactly(blocked);
        }
    }

    @Test
    @DisplayName("23. futures of several executors mix")
    void mixesExecutors() {
        PoolFuture<Integer> byHand = new PoolFuture<>();
        PoolFuture<Integer> one = newPool(1).submit(Tasks::square, 2);
        PoolFuture<Integer> two = newPool(1).submit(Tasks::square, 3);
        Blocked<Futures.DoneAndNotDone<PoolFuture<Integer>>> waiting =
                Blocked.in(() -> Futures.wait(List.of(byHand, one, two)));
        byHand.setResult(1);
        assertThat(waiting.value().done()).containsExactly(byHand, one, two);
    }

    @Test
    @DisplayName("a thread interrupted in wait keeps its interrupt status")
    void isInterrupted() throws Exception {
        Blocked<?> waiting = Blocked.in(() -> Futures.wait(List.of(new PoolFuture<Integer>())));
        waiting.thread().interrupt();
        assertThat(waiting.failure()).isInstanceOf(UncheckedInterruptedException.class);
        assertThat(waiting.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 10_000})
    @DisplayName("24. many futures completing at once lose no wake-up")
    void losesNoWakeUp(int count) {
        PoolExecutor pool = sharedPool(4);
        Gate gate = newGate();
        List<PoolFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            futures.add(pool.submit(() -> gate.await() ? 1 : 0));
        }
        for (int i = 4; i < count; i++) {
            futures.add(pool.submit(Tasks::square, 1));
        }
        Blocked<Futures.DoneAndNotDone<PoolFuture<Integer>>> waiting = Blocked.in(() -> Futures.wait(futures));
        gate.open();
        assertThat(waiting.value().done()).hasSize(count);
        int sum = 0;
        for (PoolFuture<Integer> future : Futures.asCompleted(futures)) {
            sum += future.result();
        }
        assertThat(sum).isEqualTo(count);
    }
}
