package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.Futures.DoneAndNotDone;
import io.farpool.Futures.ReturnWhen;
import io.farpool.interleaving.Interleavings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of threads that wait for many futures and of those that complete and cancel them. A wait
 * whose time is up at once stands for the timeouts: time does not pass under the model checker.
 */
@Timeout(120)
class WaitForManyLincheckTest {
    @Test
    void aWaitForAllReturnsWhenAllAreDone() {
        Interleavings.explore(300, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        var waited = Futures.wait(List.of(first, second));
                        assertThat(waited.done()).containsExactly(first, second);
                        assertThat(waited.notDone()).isEmpty();
                    },
                    () -> first.complete(1),
                    second::cancel);
        });
    }

    @Test
    void aWaitForTheFirstReturnsWhenOneIsDone() {
        Interleavings.explore(300, () -> {
            PoolFuture<Integer> done = new PoolFuture<>();
            PoolFuture<Integer> never = new PoolFuture<>();
            Interleavings.together(
                    () -> expectFirst(done, Futures.wait(List.of(never, done), ReturnWhen.FIRST_COMPLETED)),
                    () -> expectFirst(done, Futures.wait(List.of(done, never), ReturnWhen.FIRST_COMPLETED)),
                    () -> done.complete(1));
        });
    }

    private static void expectFirst(PoolFuture<Integer> done, DoneAndNotDone<PoolFuture<Integer>> waited) {
        assertThat(waited.done()).containsExactly(done);
    }

    @Test
    void aWaitForAnExceptionReturnsWhenOneIsThrownOrAllAreDone() {
        Interleavings.explore(300, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            PoolFuture<Integer> never = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        // Only the exception can end this one.
                        var waited = Futures.wait(List.of(first, never, second), ReturnWhen.FIRST_EXCEPTION);
                        assertThat(waited.done()).contains(second);
                    },
                    () -> {
                        var waited = Futures.wait(List.of(first), ReturnWhen.FIRST_EXCEPTION);
                        assertThat(waited.done()).containsExactly(first);
                    },
                    first::cancel,
                    () -> second.completeExceptionally(new IllegalStateException("thrown")));
        });
    }

    @Test
    void oneThatGivesUpTakesNothingFromOthers() {
        Interleavings.explore(300, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> assertThat(Futures.wait(List.of(first, second)).notDone())
                            .isEmpty(),
                    () -> {
                        var waited =
                                Futures.wait(List.of(second, first), Duration.ZERO, ReturnWhen.ALL_COMPLETED);
                        assertThat(waited.done().size() + waited.notDone().size())
                                .isEqualTo(2);
                    },
                    () -> {
                        first.complete(1);
                        second.complete(2);
                    });
        });
    }
}
