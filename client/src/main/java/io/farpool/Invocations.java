package io.farpool;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** {@code invokeAll} and {@code invokeAny}, as {@link java.util.concurrent.ExecutorService} says. */
final class Invocations {
    private Invocations() {}

    static <T> List<Future<T>> all(
            AbstractPoolExecutor pool, Collection<? extends Callable<T>> tasks, @Nullable Long timeoutNanos)
            throws InterruptedException {
        long startedNanos = System.nanoTime();
        List<PoolFuture<T>> futures = submitAll(pool, tasks);
        try {
            WaitForMany.await(futures, leftNanos(timeoutNanos, startedNanos), Futures.ReturnWhen.ALL_COMPLETED);
        } finally {
            cancelAll(futures); // which does nothing to those that are done
        }
        return new ArrayList<>(futures);
    }

    static <T> T any(AbstractPoolExecutor pool, Collection<? extends Callable<T>> tasks, @Nullable Long timeoutNanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        long startedNanos = System.nanoTime();
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException("invokeAny was given no task; it needs at least one");
        }
        List<PoolFuture<T>> futures = submitAll(pool, tasks);
        try {
            Set<PoolFuture<T>> left = new LinkedHashSet<>(futures);
            // In which order they are seen to fail says little: with several, threads overtake each other.
            PoolFuture<T> last = futures.get(futures.size() - 1);
            ExecutionException failure = null;
            while (!left.isEmpty()) {
                WaitForMany.await(
                        new ArrayList<>(left),
                        leftNanos(timeoutNanos, startedNanos),
                        Futures.ReturnWhen.FIRST_COMPLETED);
                List<PoolFuture<T>> done =
                        left.stream().filter(PoolFuture::isDone).toList();
                if (done.isEmpty()) {
                    throw new TimeoutException("none of " + futures.size() + " tasks succeeded within "
                            + TimeUnit.NANOSECONDS.toMillis(Objects.requireNonNull(timeoutNanos)) + " ms");
                }
                for (PoolFuture<T> future : done) {
                    left.remove(future);
                    try {
                        return future.get();
                    } catch (ExecutionException e) {
                        failure = future == last ? e : failure;
                    } catch (CancellationException e) {
                        failure = future == last ? new ExecutionException(e) : failure;
                    }
                }
            }
            throw Objects.requireNonNull(failure);
        } finally {
            cancelAll(futures);
        }
    }

    /** What is left of the time; taken from a negative one, it could wrap around to centuries. */
    private static @Nullable Long leftNanos(@Nullable Long timeoutNanos, long startedNanos) {
        return timeoutNanos == null ? null : Math.max(0, timeoutNanos) - (System.nanoTime() - startedNanos);
    }

    private static <T> List<PoolFuture<T>> submitAll(
            AbstractPoolExecutor pool, Collection<? extends Callable<T>> tasks) {
        List<? extends Callable<T>> all = List.copyOf(tasks); // refuses nulls before anything runs
        List<PoolFuture<T>> futures = new ArrayList<>(all.size());
        try {
            for (Callable<T> task : all) {
                futures.add(pool.submitWithOptions(task));
            }
        } catch (Throwable t) {
            cancelAll(futures);
            throw t;
        }
        return futures;
    }

    private static void cancelAll(List<? extends PoolFuture<?>> futures) {
        for (PoolFuture<?> future : futures) {
            boolean ignored = future.cancel(true);
        }
    }
}
