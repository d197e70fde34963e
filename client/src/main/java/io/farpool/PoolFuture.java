package io.farpool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

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
 * one that blocks delays no other future.
 *
 * @param <T> the type of the result
 */
public class PoolFuture<T> extends CompletableFuture<T> {
    private static final int PENDING = 0;
    private static final int RUNNING = 1;
    /** Somebody is cancelling or completing it, and it was pending: it cannot start any more. */
    private static final int WITHDRAWN = 2;

    /** Values of {@code attached}; it is null at first, and the completing thread while that completes this quietly. */
    private static final Object SOMETHING = "something attached";

    private static final Object QUIET = "completed quietly";

    /** Between looks whether a quiet completion is through, which takes less unless its thread was descheduled. */
    private static final long ATTACH_PAUSE_NANOS = 1_000;

    private static final VarHandle STAGE;
    private static final VarHandle ATTACHED;
    private static final VarHandle OBSERVERS;
    private static final VarHandle CALLBACKS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STAGE = lookup.findVarHandle(PoolFuture.class, "stage", int.class);
            ATTACHED = lookup.findVarHandle(PoolFuture.class, "attached", Object.class);
            OBSERVERS = lookup.findVarHandle(PoolFuture.class, "observers", Link.class);
            CALLBACKS = lookup.findVarHandle(PoolFuture.class, "callbacks", Link.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through STAGE
    private volatile int stage;

    private volatile @Nullable Object attached;
    private volatile @Nullable Link<CompletionObserver> observers;
    private volatile @Nullable Link<Consumer<? super PoolFuture<T>>> callbacks;

    /** The task's outcome is known: there is nothing left to withdraw. */
    private volatile boolean taskEnded;

    private volatile boolean interruptWanted;

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
        return stage == RUNNING && !isDone();
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
        if (!STAGE.compareAndSet(this, PENDING, WITHDRAWN) && stage == RUNNING) {
            return false;
        }
        return cancel(false);
    }

    /**
     * Cancels as {@link #cancel()} does, and has the task stopped should it run after all, which may not be known here yet.
     *
     * @return true only for the one call, of several at once, that has cancelled it
     */
    final boolean cancelFirst() {
        if (isDone() || (!STAGE.compareAndSet(this, PENDING, WITHDRAWN) && stage == RUNNING)) {
            return false;
        }
        interruptWanted = true;
        return completeExceptionally(new CancellationException());
    }

    /**
     * Cancels the future unless it is done: Java's {@code cancel}.
     *
     * @param mayInterruptIfRunning whether a task that runs is to be stopped: by an interrupt, and then by the end of its
     *     process. If false, a task that runs goes on unseen
     * @return true if the future is cancelled, by this or by an earlier call; false if it is done otherwise
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        if (mayInterruptIfRunning) {
            interruptWanted = true;
        }
        beforeCompletion();
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        afterCompletion();
        return cancelled;
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
        noteAttached();
        while (!isDone()) {
            Link<Consumer<? super PoolFuture<T>>> current = callbacks;
            if (current == Link.CLOSED) {
                break;
            }
            if (CALLBACKS.compareAndSet(this, current, new Link<Consumer<? super PoolFuture<T>>>(fn, current))) {
                return;
            }
        }
        call(fn);
    }

    private void call(Consumer<? super PoolFuture<T>> callback) {
        try {
            callback.accept(this);
        } catch (Throwable t) {
            LoggerFactory.getLogger(PoolFuture.class).error("done callback threw future={}", this, t);
        }
    }

    /**
     * Adds one that waits for this. Cheap, and undone by {@link #removeObserver}.
     *
     * @return false if the future is done: then it is not told
     */
    final boolean addObserver(CompletionObserver observer) {
        while (!isDone()) {
            Link<CompletionObserver> current = observers;
            if (current == Link.CLOSED) {
                return false;
            }
            if (OBSERVERS.compareAndSet(this, current, new Link<>(observer, current))) {
                return true;
            }
        }
        return false;
    }

    final void removeObserver(CompletionObserver observer) {
        while (true) {
            Link<CompletionObserver> current = observers;
            if (current == null
                    || current == Link.CLOSED
                    || OBSERVERS.compareAndSet(this, current, Link.without(current, observer))) {
                return;
            }
        }
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
        if (isCancelled() || (stage == WITHDRAWN && !isDone())) {
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

    @Override
    public boolean complete(@Nullable T value) {
        if (isDone()) {
            return false;
        }
        beforeCompletion();
        boolean first = super.complete(value);
        afterCompletion();
        return first;
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        if (isDone()) {
            return false;
        }
        beforeCompletion();
        boolean first = super.completeExceptionally(failure);
        afterCompletion();
        return first;
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        // CompletableFuture's own would complete this without passing here.
        executor.execute(new Completion<>(this, supplier));
        return this;
    }

    /** Completes a future with what a supplier gives; executors can tell what it is for by its interface. */
    private record Completion<T>(PoolFuture<T> future, Supplier<? extends T> supplier)
            implements Runnable, AsynchronousCompletionTask {
        @Override
        public void run() {
            if (future.isDone()) {
                return;
            }
            T value;
            try {
                value = supplier.get();
            } catch (Throwable t) {
                future.completeExceptionally(new CompletionException(t));
                return;
            }
            future.complete(value);
        }
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public void obtrudeValue(@Nullable T value) {
        beforeCompletion();
        super.obtrudeValue(value);
        afterCompletion();
    }

    @Override
    public void obtrudeException(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        beforeCompletion();
        super.obtrudeException(failure);
        afterCompletion();
    }

    /**
     * Sees to it that this future's observers and its task's withdrawal come before dependents, which may block. Dependents
     * run while {@code super} completes, the last one added first. A task that is pending cannot start from here on: else it
     * could, right after a {@code cancel(true)} that found nothing to interrupt.
     */
    private void beforeCompletion() {
        STAGE.compareAndSet(this, PENDING, WITHDRAWN);
        if (getNumberOfDependents() > 0) {
            Object ignored = super.whenComplete((value, thrown) -> announce());
        }
    }

    /** Every way of completing comes here, when the future is done. Doing it again does nothing. */
    private void afterCompletion() {
        announce();
        @SuppressWarnings("unchecked")
        Link<Consumer<? super PoolFuture<T>>> added =
                (Link<Consumer<? super PoolFuture<T>>>) CALLBACKS.getAndSet(this, Link.CLOSED);
        if (added != Link.CLOSED) {
            for (Link<Consumer<? super PoolFuture<T>>> link = Link.reversed(added); link != null; link = link.next) {
                call(Objects.requireNonNull(link.element));
            }
        }
    }

    private void announce() {
        @SuppressWarnings("unchecked")
        Link<CompletionObserver> waiting = (Link<CompletionObserver>) OBSERVERS.getAndSet(this, Link.CLOSED);
        if (waiting == Link.CLOSED) {
            return;
        }
        for (Link<CompletionObserver> link = Link.reversed(waiting); link != null; link = link.next) {
            Objects.requireNonNull(link.element).futureDone(this);
        }
        if (!taskEnded) {
            try {
                onWithdrawn(interruptWanted);
            } catch (Throwable t) {
                LoggerFactory.getLogger(PoolFuture.class).error("task could not be withdrawn future={}", this, t);
            }
        }
    }

    // ------------------------------------------------------------------------------------------ for those who run the
    // task

    /**
     * Is called once if the future gets done in any other way than by {@link #settleResult} or {@link #settleException}: by
     * {@code cancel}, {@code complete}, a timeout and so on. The task, if it has not started, is to be withdrawn.
     *
     * <p>Called in the thread that completed the future, which may be any. Must not block.
     *
     * @param mayInterruptIfRunning whether the task is to be stopped if it runs
     */
    protected void onWithdrawn(boolean mayInterruptIfRunning) {}

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
        return stage == RUNNING ? TaskInfo.State.RUNNING : TaskInfo.State.PENDING;
    }

    /**
     * Notes that the task runs, from when on {@link #cancel()} refuses.
     *
     * @return false if it was noted before, or the future is done or being cancelled
     */
    protected final boolean markRunning() {
        return STAGE.compareAndSet(this, PENDING, RUNNING);
    }

    /** Notes that the task is to be started again. */
    protected final void markPending() {
        STAGE.compareAndSet(this, RUNNING, PENDING);
    }

    /**
     * Completes the future with what the task returned. Callbacks and dependents run in this thread.
     *
     * @param value the result; may be null
     * @return false if the future was done, and so the result is dropped
     */
    protected final boolean settleResult(@Nullable T value) {
        taskEnded = true;
        return complete(value);
    }

    /**
     * Completes the future with the task's failure. Callbacks and dependents run in this thread.
     *
     * @param failure what the task threw, or what became of it
     * @return false if the future was done, and so the failure is dropped
     */
    protected final boolean settleException(Throwable failure) {
        taskEnded = true;
        return completeExceptionally(failure);
    }

    /**
     * Completes the future in this thread if that runs no code of the user's, because nobody has added a callback or a
     * dependent: it then wakes those who wait, and no more. Who adds one meanwhile runs it in their own thread.
     *
     * <p>One gap is left, since {@code CompletableFuture} does not tell of it: a future handed to another's {@code thenCombine},
     * or to {@code allOf} or {@code anyOf}, in the very moment of this call.
     *
     * @param value the result, if there is no failure; may be null
     * @param failure what the task threw, or null
     * @return false if somebody has added something; then nothing has happened
     */
    protected final boolean settleQuietly(@Nullable T value, @Nullable Throwable failure) {
        if (!ATTACHED.compareAndSet(this, null, Thread.currentThread())) {
            return false;
        }
        boolean quiet = false;
        try {
            quiet = getNumberOfDependents() == 0;
            if (quiet) {
                boolean ignored = failure == null ? settleResult(value) : settleException(failure);
            }
        } finally {
            attached = quiet ? QUIET : SOMETHING;
        }
        return quiet;
    }

    /**
     * Every dependent of this but a minimal stage begins with this call. In Java's own words: a new incomplete future for what follows this one.
     *
     * @param <U> the type of its result
     * @return a plain {@code CompletableFuture}
     */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        noteAttached();
        return super.newIncompleteFuture();
    }

    @Override
    public CompletionStage<T> minimalCompletionStage() {
        noteAttached(); // the one dependent that does not begin with newIncompleteFuture
        return super.minimalCompletionStage();
    }

    /** Notes that user code is about to be added, or waits the moment that a quiet completion takes. */
    private void noteAttached() {
        Object current = attached;
        while (current == null || current instanceof Thread) {
            if (current == Thread.currentThread()) {
                return;
            }
            if (current == null) {
                ATTACHED.compareAndSet(this, null, SOMETHING);
            } else {
                LockSupport.parkNanos(ATTACH_PAUSE_NANOS);
            }
            current = attached;
        }
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
