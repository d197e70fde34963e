package io.farpool;

import io.farpool.Calls.BiFunctionCall;
import io.farpool.Calls.FunctionCall;
import io.farpool.Calls.OfPairs;
import io.farpool.Calls.Pair;
import io.farpool.Calls.RunnableCall;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the executors and their views have in common: everything a {@link PoolExecutor} offers, on top of submitting one task
 * and of the steps of a shutdown.
 */
abstract class AbstractPoolExecutor implements PoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(AbstractPoolExecutor.class);

    /** Logs what an executed task threw, since nobody holds its future. */
    private static final CompletionObserver LOG_FAILURE = future -> {
        if (future.isCompletedExceptionally() && !future.isCancelled()) {
            Throwable failure = future.exception();
            LOG.warn("an executed task failed task={}", future.info().id(), failure);
        }
    };

    private final TaskOptions options;

    /**
     * @param options what submissions carry
     */
    AbstractPoolExecutor(TaskOptions options) {
        this.options = options;
    }

    // ------------------------------------------------------------------------------------------ what an executor does
    // itself

    /**
     * Accepts a task: one given by the user, or a record of {@code Calls}.
     *
     * @param task what to run
     * @param taskOptions how, all options merged
     * @param <T> the type of the result
     * @return the task's future
     * @throws BrokenExecutorException if the pool is broken, which is checked first
     * @throws java.util.concurrent.RejectedExecutionException if it has been shut down
     */
    protected abstract <T> PoolFuture<T> submitTask(Callable<T> task, TaskOptions taskOptions);

    /**
     * Refuses what {@code execute} is given and cannot be run here.
     *
     * @param task what was given
     * @throws java.util.concurrent.RejectedExecutionException if so, saying what to use instead
     */
    protected void requireExecutable(Runnable task) {}

    /**
     * Why a value cannot be sent with a task.
     *
     * @param value what would be sent
     * @return null if it can be
     */
    protected @Nullable Throwable refusal(Object value) {
        return null;
    }

    /**
     * Takes no more tasks. Does not wait. Idempotent.
     *
     * @param cancelFutures whether to cancel those not started
     */
    protected abstract void beginShutdown(boolean cancelFutures);

    /**
     * Whether this thread runs one of the pool's own tasks, and so must not wait for all of them.
     *
     * @return true if so
     */
    protected boolean inOwnTask() {
        return false;
    }

    /** What submissions carry. */
    final TaskOptions options() {
        return options;
    }

    final <T> PoolFuture<T> submitWithOptions(Callable<T> task) {
        return submitTask(task, options);
    }

    // ------------------------------------------------------------------------------------------ submitting

    @Override
    public <T> PoolFuture<T> submit(RemoteCallable<T> task) {
        return submitWithOptions(Objects.requireNonNull(task, "task"));
    }

    @Override
    public <T> PoolFuture<T> submit(Callable<T> task) {
        return submitWithOptions(Objects.requireNonNull(task, "task"));
    }

    @Override
    public PoolFuture<?> submit(RemoteRunnable task) {
        return submit((Runnable) task);
    }

    @Override
    public PoolFuture<?> submit(Runnable task) {
        return submitWithOptions(new RunnableCall<>(Objects.requireNonNull(task, "task"), null));
    }

    @Override
    public <T> PoolFuture<T> submit(RemoteRunnable task, T result) {
        return submit((Runnable) task, result);
    }

    @Override
    public <T> PoolFuture<T> submit(Runnable task, T result) {
        return submitWithOptions(new RunnableCall<>(Objects.requireNonNull(task, "task"), result));
    }

    @Override
    public <A, R> PoolFuture<R> submit(RemoteFunction<? super A, ? extends R> fn, A argument) {
        return submitWithOptions(new FunctionCall<A, R>(Objects.requireNonNull(fn, "fn"), argument));
    }

    @Override
    public <A, B, R> PoolFuture<R> submit(RemoteBiFunction<? super A, ? super B, ? extends R> fn, A first, B second) {
        return submitWithOptions(new BiFunctionCall<A, B, R>(Objects.requireNonNull(fn, "fn"), first, second));
    }

    @Override
    public void execute(RemoteRunnable task) {
        execute((Runnable) task);
    }

    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        requireExecutable(task);
        PoolFuture<?> future = submitWithOptions(new RunnableCall<>(task, null));
        if (!future.addObserver(LOG_FAILURE)) {
            LOG_FAILURE.futureDone(future);
        }
    }

    // ------------------------------------------------------------------------------------------ map

    @Override
    public <A, R> Results<R> map(RemoteFunction<? super A, ? extends R> fn, Iterable<? extends A> inputs) {
        return map(fn, inputs, MapOptions.defaults());
    }

    @Override
    public <A, R> Results<R> map(
            RemoteFunction<? super A, ? extends R> fn, Iterable<? extends A> inputs, MapOptions mapOptions) {
        Objects.requireNonNull(fn, "fn");
        Objects.requireNonNull(mapOptions, "options");
        return new MapResults<A, R>(this, fn, inputs.iterator(), mapOptions);
    }

    @Override
    public <A, B, R> Results<R> map(
            RemoteBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends A> firsts,
            Iterable<? extends B> seconds) {
        return map(fn, firsts, seconds, MapOptions.defaults());
    }

    @Override
    public <A, B, R> Results<R> map(
            RemoteBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends A> firsts,
            Iterable<? extends B> seconds,
            MapOptions mapOptions) {
        Objects.requireNonNull(mapOptions, "options");
        OfPairs<A, B, R> ofPairs = new OfPairs<>(Objects.requireNonNull(fn, "fn"));
        return new MapResults<Pair<A, B>, R>(
                this, ofPairs, new PairIterator<A, B>(firsts.iterator(), seconds.iterator()), mapOptions);
    }

    // ------------------------------------------------------------------------------------------ invoke

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        return Invocations.all(this, tasks, null);
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        return Invocations.all(this, tasks, unit.toNanos(timeout));
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks) throws InterruptedException, ExecutionException {
        try {
            return Invocations.any(this, tasks, null);
        } catch (TimeoutException e) {
            throw new AssertionError("timed out without a time limit", e);
        }
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return Invocations.any(this, tasks, unit.toNanos(timeout));
    }

    // ------------------------------------------------------------------------------------------ views

    @Override
    public PoolExecutor with(TaskOptions overriding) {
        return new OptionsView(this, options.mergedWith(Objects.requireNonNull(overriding, "options")));
    }

    // ------------------------------------------------------------------------------------------ shutdown

    @Override
    public void shutdown() {
        beginShutdown(false);
    }

    @Override
    public void shutdown(boolean wait, boolean cancelFutures) {
        beginShutdown(cancelFutures);
        if (!wait || refuseToWaitInOwnTask()) {
            return;
        }
        try {
            while (!awaitTermination(1, TimeUnit.DAYS)) {
                LOG.debug("still waiting for the pool to end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedInterruptedException(e);
        }
    }

    @Override
    public void close() {
        beginShutdown(false);
        if (refuseToWaitInOwnTask()) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                if (awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                if (!interrupted) {
                    interrupted = true;
                    List<Runnable> neverStarted = shutdownNow();
                    LOG.debug("interrupted while closing, cancelled={}", neverStarted.size());
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean refuseToWaitInOwnTask() {
        if (isTerminated() || !inOwnTask()) {
            return false;
        }
        LOG.warn("a task shuts down its own pool: not waiting for it to end, since that would be waiting for itself");
        return true;
    }
}
