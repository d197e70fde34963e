package io.farpool;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every interleaving, up to a bound, of going through futures as they get done and of getting them done. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsCompletedLincheckTest {
    @Test
    void eachFutureComesOnceWhateverCompletesIt() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            PoolFuture<Integer> third = new PoolFuture<>();
            Interleavings.together(
                    () -> expectAll(List.of(first, second, third)),
                    () -> {
                        first.complete(1);
                        second.cancel();
                    },
                    () -> second.complete(2),
                    () -> third.completeExceptionally(new IllegalStateException("thrown")));
        });
    }

    @Test
    void twoPassesOverTheSameFuturesTakeNothingFromEachOther() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> expectAll(List.of(first, second)),
                    () -> expectAll(List.of(second, first)),
                    () -> first.complete(1),
                    second::cancel);
        });
    }

    @Test
    void whatIsNotDoneInTimeComesLaterAndWhatCameDoesNotComeAgain() {
        Interleavings.explore(25, () -> {
            PoolFuture<Integer> first = new PoolFuture<>();
            PoolFuture<Integer> second = new PoolFuture<>();
            Interleavings.together(
                    () -> {
                        var pass = Futures.asCompleted(List.of(first, second), Duration.ZERO)
                                .iterator();
                        List<PoolFuture<Integer>> seen = new ArrayList<>();
                        // It may be asked again after it has timed out.
                        while (pass.hasNext()) {
                            try {
                                seen.add(pass.next());
                            } catch (UncheckedTimeoutException e) {
                                Thread.onSpinWait();
                            }
                        }
                        require(seen.size() == 2 && seen.contains(first) && seen.contains(second), seen);
                    },
                    () -> first.complete(1),
                    () -> second.complete(2));
        });
    }

    private static void expectAll(List<PoolFuture<Integer>> futures) {
        List<PoolFuture<Integer>> seen = new ArrayList<>();
        for (PoolFuture<Integer> future : Futures.asCompleted(futures)) {
            require(future.isDone(), future);
            seen.add(future);
        }
        require(seen.size() == futures.size() && seen.containsAll(futures), seen);
    }
}
