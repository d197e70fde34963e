package io.farpool;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.Futures.DoneAndNotDone;
import io.farpool.Futures.ReturnWhen;
import io.farpool.interleaving.Interleavings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of threads that wait for many futures and of those that complete and cancel them. A wait
 * whose time is up at once stands for the timeouts: time does not pass under the model checker.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WaitForManyLincheckTest {
    @Test
    void aWaitForAllReturnsWhenAllAreDone() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        var waited = Futures.wait(List.of(first, second));
                        require(waited.done().size() == 2 && waited.notDone().isEmpty(), waited);
                    },
                    () -> first.complete(1),
                    second::cancel);
        });
    }

    @Test
    void aWaitForTheFirstReturnsWhenOneIsDone() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> done = new PoolFuture<>();
            PoolFuture<Integer> never = new PoolFuture<>();
            Interleavings.together(
                    () -> expectFirst(done, Futures.wait(List.of(never, done), ReturnWhen.FIRST_COMPLETED)),
                    () -> expectFirst(done, Futures.wait(List.of(done, never), ReturnWhen.FIRST_COMPLETED)),
                    () -> done.complete(1));
        });
    }

    private static void expectFirst(PoolFuture<Integer> done, DoneAndNotDone<PoolFuture<Integer>> waited) {
        require(waited.done().equals(Set.of(done)) && waited.notDone().size() == 1, waited);
    }

    @Test
    void aWaitForAnExceptionReturnsWhenOneIsThrownOrAllAreDone() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            PoolFuture<Integer> never = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        // Only the exception can end this one.
                        var waited = Futures.wait(List.of(first, never, second), ReturnWhen.FIRST_EXCEPTION);
                        require(
                                waited.done().contains(second)
                                        && waited.notDone().contains(never),
                                waited);
                    },
                    () -> {
                        var waited = Futures.wait(List.of(first), ReturnWhen.FIRST_EXCEPTION);
                        require(waited.notDone().isEmpty(), waited);
                    },
                    first::cancel,
                    () -> second.completeExceptionally(new IllegalStateException("thrown")));
        });
    }

    @Test
    void oneThatGivesUpTakesNothingFromOthers() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        var waited = Futures.wait(List.of(first, second));
                        require(waited.notDone().isEmpty(), waited);
                    },
                    () -> {
                        var waited = Futures.wait(List.of(second, first), Duration.ZERO, ReturnWhen.ALL_COMPLETED);
                        require(waited.done().size() + waited.notDone().size() == 2, waited);
                    },
                    () -> {
                        first.complete(1);
                        second.complete(2);
                    });
        });
    }
}
