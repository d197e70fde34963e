package io.farpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waiting for many futures: the functions of Python's {@code concurrent.futures} module. The futures may be of several
 * executors, or of none. Thread-safe.
 *
 * <pre>{@code
 * for (PoolFuture<Page> page : Futures.asCompleted(fetched)) {
 *     show(page.result());
 * }
 * var first = Futures.wait(simulations, ReturnWhen.FIRST_COMPLETED).done();
 * }</pre>
 */
public final class Futures {
    /** When to return from a wait. */
    public enum ReturnWhen {
        /** When any future is done, cancelled ones included. */
        FIRST_COMPLETED,
        /** When any future is done by an exception; a cancelled one does not count. Else when all are done. */
        FIRST_EXCEPTION,
        /** When all are done. */
        ALL_COMPLETED
    }

    /**
     * What a wait returns.
     *
     * @param done the futures that were done, in the order they were given
     * @param notDone the others, in the order they were given
     * @param <F> the type of the futures
     */
    public record DoneAndNotDone<F>(Set<F> done, Set<F> notDone) {}

    private Futures() {}

    /**
     * Goes through the futures as they get done: first those that are done already, then in the order of finishing. A future
     * given twice comes once. What has been gone through is not kept.
     *
     * @param futures which
     * @param <F> their type
     * @return to be gone through once, by one thread; a second iterator throws {@link IllegalStateException}. Its {@code
     *     hasNext()} and {@code next()} throw {@link UncheckedInterruptedException} when the thread is interrupted
     */
    public static <F extends PoolFuture<?>> Iterable<F> asCompleted(Collection<F> futures) {
        return new AsCompleted<>(futures, null);
    }

    /**
     * Goes through the futures as they get done, for no longer than this in all.
     *
     * @param futures which
     * @param timeout counted from this call; zero or less gives those that are done already
     * @param <F> their type
     * @return as {@link #asCompleted(Collection)}; {@code next()} also throws {@link UncheckedTimeoutException}, whose cause is
     *     the {@code TimeoutException}, when the time is up and futures are not done
     */
    public static <F extends PoolFuture<?>> Iterable<F> asCompleted(Collection<F> futures, Duration timeout) {
        return new AsCompleted<>(futures, timeout);
    }

    /**
     * Waits until all are done.
     *
     * @param futures which; a future given twice counts once
     * @param <F> their type
     * @return all of them done
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> wait(Collection<F> futures) {
        return waitNanos(futures, null, ReturnWhen.ALL_COMPLETED);
    }

    /**
     * Waits until enough are done.
     *
     * @param futures which; a future given twice counts once
     * @param returnWhen what is enough
     * @param <F> their type
     * @return which are done and which are not
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> wait(Collection<F> futures, ReturnWhen returnWhen) {
        return waitNanos(futures, null, returnWhen);
    }

    /**
     * Waits until enough are done, or this time is up.
     *
     * @param futures which; a future given twice counts once
     * @param timeout how long; zero or less does not wait
     * @param returnWhen what is enough
     * @param <F> their type
     * @return which are done and which are not
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> wait(
            Collection<F> futures, Duration timeout, ReturnWhen returnWhen) {
        return waitNanos(futures, Checks.saturatedNanos(timeout), returnWhen);
    }

    /**
     * The same as {@link #wait(Collection)}, under a name that can be imported statically.
     *
     * @param futures which; a future given twice counts once
     * @param <F> their type
     * @return all of them done
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> waitFor(Collection<F> futures) {
        return wait(futures);
    }

    /**
     * The same as {@link #wait(Collection, ReturnWhen)}, under a name that can be imported statically.
     *
     * @param futures which; a future given twice counts once
     * @param returnWhen what is enough
     * @param <F> their type
     * @return which are done and which are not
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> waitFor(Collection<F> futures, ReturnWhen returnWhen) {
        return wait(futures, returnWhen);
    }

    /**
     * The same as {@link #wait(Collection, Duration, ReturnWhen)}, under a name that can be imported statically.
     *
     * @param futures which; a future given twice counts once
     * @param timeout how long; zero or less does not wait
     * @param returnWhen what is enough
     * @param <F> their type
     * @return which are done and which are not
     */
    public static <F extends PoolFuture<?>> DoneAndNotDone<F> waitFor(
            Collection<F> futures, Duration timeout, ReturnWhen returnWhen) {
        return wait(futures, timeout, returnWhen);
    }

    private static <F extends PoolFuture<?>> DoneAndNotDone<F> waitNanos(
            Collection<F> futures, @Nullable Long timeoutNanos, ReturnWhen returnWhen) {
        Set<F> distinct = new LinkedHashSet<>(List.copyOf(futures));
        try {
            WaitForMany.await(new ArrayList<>(distinct), timeoutNanos, returnWhen);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedInterruptedException(e);
        }
        Set<F> done = new LinkedHashSet<>();
        Set<F> notDone = new LinkedHashSet<>();
        for (F future : distinct) {
            (future.isDone() ? done : notDone).add(future);
        }
        return new DoneAndNotDone<>(Collections.unmodifiableSet(done), Collections.unmodifiableSet(notDone));
    }
}
