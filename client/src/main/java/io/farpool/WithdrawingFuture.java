package io.farpool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A {@link CompletableFuture} with a task behind it. However it is completed, by the task or by hand, that passes one place here:
 * first the task cannot start any more, then those who wait are told and the task is withdrawn, then Java's dependents run, then
 * the done callbacks. Thread-safe.
 */
abstract class WithdrawingFuture<T> extends CompletableFuture<T> {
    private static final int PENDING = 0;
    private static final int RUNNING = 1;
    /** Somebody is cancelling or completing it, and it was pending: it cannot start any more. */
    private static final int WITHDRAWN = 2;

    private static final VarHandle STAGE;

    static {
        try {
            STAGE = MethodHandles.lookup().findVarHandle(WithdrawingFuture.class, "stage", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through STAGE
    private volatile int stage;

    /** The task's outcome is known: there is nothing left to withdraw. */
    private volatile boolean taskEnded;

    private volatile boolean interruptWanted;

    private final Listeners<T> listeners = new Listeners<>();

    /** This future, as its listeners know it. */
    abstract PoolFuture<T> self();

    final Listeners<T> listeners() {
        return listeners;
    }

    // ------------------------------------------------------------------------------------------ cancelling

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

    /**
     * Cancels unless the task is known to run, and has the task stopped should it run after all, which may not be known here yet.
     *
     * @return true only for the one call, of several at once, that has cancelled it
     */
    final boolean cancelFirst() {
        if (isDone() || !keepFromStarting()) {
            return false;
        }
        interruptWanted = true;
        return completeExceptionally(new CancellationException());
    }

    /** False if the task is known to run. */
    final boolean keepFromStarting() {
        return STAGE.compareAndSet(this, PENDING, WITHDRAWN) || stage != RUNNING;
    }

    /** Whether the task is known to run, or to have run when the future was completed. */
    final boolean isStageRunning() {
        return stage == RUNNING;
    }

    /** Whether the task cannot start any more, because somebody is cancelling or completing the future, or has. */
    final boolean isStageWithdrawn() {
        return stage == WITHDRAWN;
    }

    // ------------------------------------------------------------------------------------------ completing

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
    private record Completion<T>(CompletableFuture<T> future, Supplier<? extends T> supplier)
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
        listeners.callCallbacks(self());
    }

    private void announce() {
        if (listeners.tellObservers(self()) && !taskEnded) {
            try {
                onWithdrawn(interruptWanted);
            } catch (Throwable t) {
                LoggerFactory.getLogger(PoolFuture.class).error("task could not be withdrawn future={}", this, t);
            }
        }
    }

    // ------------------------------------------------------------------------------------------ dependents

    /**
     * Every dependent of this but a minimal stage begins with this call. In Java's own words: a new incomplete future for what follows this one.
     *
     * @param <U> the type of its result
     * @return a plain {@code CompletableFuture}
     */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        listeners.noteAttached();
        return super.newIncompleteFuture();
    }

    @Override
    public CompletionStage<T> minimalCompletionStage() {
        listeners.noteAttached(); // the one dependent that does not begin with newIncompleteFuture
        return super.minimalCompletionStage();
    }

    // ---------------------------------------------------------------------------- for those who run the task

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
     * Notes that the task runs, from when on {@link PoolFuture#cancel()} refuses.
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
     * Has a thread complete the future that waits for it, for however long it takes. That spares waking another one for it.
     *
     * @param completion runs in that thread, at once; completes the future quietly or, if that is refused, has another thread
     *     complete it
     * @return false if no such thread waits, or somebody has added a callback or a dependent; then nothing has happened
     */
    protected final boolean askWaiter(Runnable completion) {
        return !listeners.isAttached() && getNumberOfDependents() == 0 && listeners.askObservers(completion);
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
        if (!listeners.beginQuietly()) {
            return false;
        }
        boolean quiet = false;
        try {
            quiet = getNumberOfDependents() == 0;
            if (quiet) {
                boolean ignored = failure == null ? settleResult(value) : settleException(failure);
            }
        } finally {
            listeners.endQuietly(quiet);
        }
        return quiet;
    }
}
