package io.farpool;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a task, to come: Python's {@code concurrent.futures.Future} and Java's {@link CompletableFuture} at once.
 *
 * <pre>{@code
 * PoolFuture<Boolean> prime = pool.submit(Primes::isPrime, 1000003L);
 * prime.addDoneCallback(f -> log.info("{}", f));
 * if (prime.result()) { ... }
 * }</pre>
 *
 * <p>Methods that Java defines do as Java says, those from Python as Python says. The whole of {@code CompletableFuture}
 * works; what depends on a future is a plain {@code CompletableFuture}, and cancelling that does not cancel the task.
 * Completing a future by hand, in whatever way ({@code complete}, {@code orTimeout}, {@code cancel} …), withdraws its task if
 * that has not started. A task that throws a {@link java.util.concurrent.CancellationException} looks as if it had been
 * cancelled, as everywhere in {@code CompletableFuture}.
 *
 * <p>Thread-safe. Callbacks and dependents of a pool's future run in a thread of their own, never in one that the pool needs:
 * one that blocks delays no other future. A result is deserialized there too, or in a thread that waits for it.
 *
 * @param <T> the type of the result
 */
public class PoolFuture<T> extends WithdrawingFuture<T> {
    /** Makes a pending future that belongs to no executor, to be completed by hand. */
    public PoolFuture() {}

    // ------------------------------------------------------------------------------------------ asking and waiting

    /**
     * Waits for the result. An unchecked exception that the task threw is thrown as itself, a checked one as the cause of a
     * {@link CompletionException}.
     *
     * @return the result, which may be null
     * @throws java.util.concurrent.CancellationException if the future was cancelled
     * @throws CompletionException if the task threw a checked exception
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public T result() {
        awaitDone();
        return resultOfDone();
    }

    /**
     * Waits for the result, but not longer than this.
     *
     * @param timeout zero or less does not wait
     * @return the result, which may be null
     * @throws TimeoutException if the future is not done by then
     * @throws java.util.concurrent.CancellationException if the future was cancelled
     * @throws CompletionException if the task threw a checked exception
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public T result(Duration timeout) throws TimeoutException {
        awaitUnchecked(timeout);
        return resultOfDone();
    }

    /**
     * Waits until the future is done and gives what the task threw.
     *
     * @return the exception itself, or null if there is a result
     * @throws java.util.concurrent.CancellationException if the future was cancelled
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public @Nullable Throwable exception() {
        awaitDone();
        return exceptionOfDone();
    }

    /**
     * Waits until the future is done, but not longer than this, and gives what the task threw.
     *
     * @param timeout zero or less does not wait
     * @return the exception itself, or null if there is a result
     * @throws TimeoutException if the future is not done by then
     * @throws java.util.concurrent.CancellationException if the future was cancelled
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    public @Nullable Throwable exception(Duration timeout) throws TimeoutException {
        awaitUnchecked(timeout);
        return exceptionOfDone();
    }

    /**
     * Whether the future was cancelled. The same as {@link #isCancelled()}.
     *
     * @return true if so
     */
    public boolean cancelled() {
        return isCancelled();
    }

    /**
     * Whether the task is known to run. What is known here may lag behind, and a short task may go from pending to done.
     *
     * @return true if so
     */
    public boolean running() {
        return isStageRunning() && !isDone();
    }

    /**
     * Whether the future has a result or an exception or was cancelled. The same as {@link #isDone()}.
     *
     * @return true if so
     */
    public boolean done() {
        return isDone();
    }

    /**
     * What is known of the task: its id, its state, and where and when it was started, and why each attempt ended.
     *
     * @return as of now
     */
    public TaskInfo info() {
        return describe();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (!isDone()) {
            FutureWaiter.await(this);
        }
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long nanos = unit.toNanos(timeout);
        if (!isDone()) {
            FutureWaiter.await(this, nanos);
        }
        return super.get(0, TimeUnit.NANOSECONDS);
    }

    @Override
    public T join() {
        boolean interrupted = false;
        while (!isDone()) {
            try {
                FutureWaiter.await(this);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return super.join();
    }

    /** Waits; with {@link UncheckedInterruptedException} as everywhere. */
    final void awaitDone() {
        if (!isDone()) {
            try {
                FutureWaiter.await(this);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedInterruptedException(e);
            }
        }
    }

    private void awaitUnchecked(Duration timeout) throws TimeoutException {
        if (!awaitDone(Checks.saturatedNanos(timeout))) {
            throw new TimeoutException("not done within " + timeout);
        }
    }

    /** Waits for at most so long; with {@link UncheckedInterruptedException} as everywhere. Whether it is done. */
    final boolean awaitDone(long timeoutNanos) {
        if (!isDone()) {
            try {
                FutureWaiter.await(this, timeoutNanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedInterruptedException(e);
            }
        }
        return isDone();
    }

    private T resultOfDone() {
        if (!isCompletedExceptionally()) {
            return super.join();
        }
        throw rethrown(Objects.requireNonNull(exceptionOfDone()));
    }

    /** Throws an unchecked exception as itself; gives the wrapper of a checked one, to be thrown. */
    static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        return new CompletionException(failure);
    }

    private @Nullable Throwable exceptionOfDone() {
        if (!isCompletedExceptionally()) {
            return null;
        }
        if (isCancelled()) {
            super.join(); // throws the CancellationException
        }
        return failureOfDone();
    }

    /** The very exception that it was completed with, not unwrapped as get() does; null if there is a result. */
    private @Nullable Throwable failureOfDone() {
        Throwable[] failure = new Throwable[1];
        Object ignored = super.handle((value, thrown) -> failure[0] = thrown);
        return failure[0];
    }

    // ------------------------------------------------------------------------------------------ cancelling

    /**
     * Cancels the task if it is not known to run: Python's {@code cancel()}. It is decided here and never blocks; the task
     * does not start after this has reached the host it may be waiting at, and what it might still give is discarded.
     *
     * @return true if the future is cancelled, by this or by an earlier call; false if the task is known to run or is done
     */
    public boolean cancel() {
        if (isDone()) {
            return isCancelled();
        }
        return keepFromStarting() && cancel(false);
    }

    // ------------------------------------------------------------------------------------------ callbacks

    /**
     * Has the function called with this future when it is done, however it got done. Functions are called one after another
     * in the order they were added; what one throws is logged, and the next is called. If the future is done already, the
     * function is called at once in this thread.
     *
     * @param fn what to call
     */
    public void addDoneCallback(Consumer<? super PoolFuture<T>> fn) {
        Objects.requireNonNull(fn, "fn");
        listeners().noteAttached();
        if (isDone() || !listeners().addCallback(fn)) {
            Listeners.call(fn, this);
        }
    }

    /**
     * Adds one that waits for this. Cheap, and undone by {@link #removeObserver}.
     *
     * @return false if the future is done: then it is not told
     */
    final boolean addObserver(CompletionObserver observer) {
        return !isDone() && listeners().addObserver(observer);
    }

    final void removeObserver(CompletionObserver observer) {
        listeners().removeObserver(observer);
    }

    // ------------------------------------------------------------------------------------------ completing

    /**
     * Says that the task is about to run, unless it has been cancelled: Python's {@code set_running_or_notify_cancel()}, for
     * those who run tasks themselves.
     *
     * @return true if it may run and now counts as running; false if it has been cancelled
     * @throws InvalidStateException if it runs already or has a result or an exception
     */
    public boolean setRunningOrNotifyCancel() {
        if (markRunning()) {
            return true;
        }
        if (isCancelled() || (isStageWithdrawn() && !isDone())) {
            return false;
        }
        throw new InvalidStateException("cannot set running: " + this);
    }

    /**
     * Gives the future its result.
     *
     * @param value the result; may be null
     * @throws InvalidStateException if it is done; it then stays as it is
     */
    public void setResult(@Nullable T value) {
        if (!complete(value)) {
            throw new InvalidStateException("cannot set a result: " + this);
        }
    }

    /**
     * Gives the future its exception.
     *
     * @param failure what went wrong
     * @throws InvalidStateException if it is done; it then stays as it is
     */
    public void setException(Throwable failure) {
        if (!completeExceptionally(failure)) {
            throw new InvalidStateException("cannot set an exception: " + this);
        }
    }

    // ---------------------------------------------------------------------------- what is known of the task

    @Override
    final PoolFuture<T> self() {
        return this;
    }

    /**
     * Tells what is known of the task, for {@link #info()}.
     *
     * @return as of now; here no more than the state
     */
    protected TaskInfo describe() {
        return new TaskInfo("", "", currentState(), List.of());
    }

    /**
     * Where the future stands.
     *
     * @return its state
     */
    protected final TaskInfo.State currentState() {
        if (isDone()) {
            return isCancelled() ? TaskInfo.State.CANCELLED : TaskInfo.State.FINISHED;
        }
        return isStageRunning() ? TaskInfo.State.RUNNING : TaskInfo.State.PENDING;
    }

    /** Says where the future stands: {@code PoolFuture@1f[finished returned java.lang.Integer]}. */
    @Override
    public String toString() {
        return "PoolFuture@" + Integer.toHexString(System.identityHashCode(this)) + "[" + standing() + "]";
    }

    private String standing() {
        return switch (currentState()) {
            case PENDING -> "pending";
            case RUNNING -> "running";
            case CANCELLED -> "cancelled";
            case FINISHED -> {
                Throwable failure = failureOfDone();
                if (failure != null) {
                    yield "finished raised " + failure.getClass().getName();
                }
                Object value = super.join();
                yield "finished returned "
                        + (value == null ? "null" : value.getClass().getName());
            }
        };
    }
}
