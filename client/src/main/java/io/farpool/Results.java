package io.farpool;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The results of a {@link PoolExecutor#map}, in the order of the inputs.
 *
 * <p>It can be gone through once, by {@link #iterator()} (so a {@code for} loop), {@link #stream()} or {@link #toList()}: a
 * second of these throws {@link IllegalStateException}. An item whose task failed throws at its turn, as {@link
 * PoolFuture#result()} does, and the iterator then goes on to the next item. Leaving a {@code for} loop early leaves the
 * other tasks running; close it, or use try-with-resources, to cancel them:
 *
 * <pre>{@code
 * try (Results<Boolean> primes = pool.map(Primes::isPrime, candidates, MapOptions.defaults().chunkSize(64))) {
 *     for (boolean prime : primes) {
 *         if (prime) break;
 *     }
 * }
 * }</pre>
 *
 * <p>For one thread at a time, except for {@link #close()}.
 *
 * @param <R> the type of a result
 */
public interface Results<R> extends Iterable<R>, AutoCloseable {
    /**
     * Goes through the results, waiting for each.
     *
     * <p>{@code next()} throws a failed item's exception; {@link UncheckedTimeoutException} when the time of {@link
     * MapOptions#timeout} is up, which also cancels the rest; and {@link UncheckedInterruptedException} when the thread is
     * interrupted, after which the same item can be asked for again.
     *
     * @return the only iterator there is
     * @throws IllegalStateException if the results have been asked for before
     */
    @Override
    Iterator<R> iterator();

    /**
     * The results as a sequential, ordered stream. Closing it closes this.
     *
     * @return the only stream there is
     * @throws IllegalStateException if the results have been asked for before
     */
    Stream<R> stream();

    /**
     * Waits for all results. If an item failed, cancels what has not started and throws that failure.
     *
     * @return an unmodifiable list, which may hold nulls
     * @throws IllegalStateException if the results have been asked for before
     */
    List<R> toList();

    /** Cancels the tasks that have not started, and ends the iteration. Closing again does nothing. */
    @Override
    void close();
}
