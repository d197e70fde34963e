package io.farpool;

import io.farpool.context.CurrentTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A task of a {@link ThreadPoolExecutor} and its future in one. Thread-safe; each run is one thread's. */
final class ThreadTask<T> extends PoolFuture<T> {
    /** Greater priority first, then the order of submission. */
    static final Comparator<ThreadTask<?>> RUN_ORDER = Comparator.<ThreadTask<?>>comparingInt(
                    task -> task.options.priority())
            .reversed()
            .thenComparingLong(task -> task.sequence);

    /** Attempts kept for {@link #info()}; the oldest are dropped. */
    private static final int MAX_ATTEMPTS_KEPT = 32;

    private static final String HOST = "localhost";

    private final ThreadWorkers workers;
    private final long sequence;
    private final TaskOptions options;
    private final AtomicBoolean released = new AtomicBoolean();
    /** Dropped when the task has ended or was withdrawn: a future holds its outcome and nothing of its task. */
    private volatile @Nullable Callable<T> callable;

    private volatile int attempt;

    // Guarded by the list of attempts.
    private final List<TaskInfo.Attempt> attempts = new ArrayList<>(1);
    private @Nullable Thread runner;
    private boolean timedOut;
    /** Also when that was wanted between the taking of the task and its start, when there was no runner to interrupt. */
    private boolean interruptWanted;

    ThreadTask(ThreadWorkers workers, long sequence, Callable<T> callable, TaskOptions options) {
        this.workers = workers;
        this.sequence = sequence;
        this.callable = callable;
        this.options = options;
    }

    /** Runs the task in this thread, unless it has been withdrawn. Throws nothing. */
    void run() {
        Callable<T> task = callable;
        if (task == null || !markRunning()) {
            workers.taskRan(this);
            release();
            return;
        }
        begin();
        Future<?> timer = options.timeout().map(this::startTimer).orElse(null);
        T value = null;
        Throwable failure = null;
        CurrentTask.setForThread(new Context());
        try {
            value = task.call();
        } catch (Throwable t) {
            failure = t;
        }
        CurrentTask.setForThread(null);
        boolean settledByTimer = end(failure);
        boolean ignored = Thread.interrupted(); // a late interrupt is not the next task's
        if (timer != null) {
            timer.cancel(false);
        }
        workers.taskRan(this);
        if (settledByTimer) {
            release();
        } else if (failure == null || !mayRetry(failure) || !workers.enqueueAgain(this)) {
            settle(value, failure);
        }
    }

    private boolean mayRetry(Throwable failure) {
        return attempt < options.attemptsAfterFailure() && options.retriesOn(failure) && !isDone();
    }

    private void settle(@Nullable T value, @Nullable Throwable failure) {
        callable = null;
        if (isDone() || settleQuietly(value, failure)) {
            release();
            return;
        }
        workers.dispatch(this, () -> {
            boolean ignored = failure == null ? settleResult(value) : settleException(failure);
            release();
        });
    }

    private Future<?> startTimer(Duration timeout) {
        int timed = attempt;
        return workers.schedule(() -> stopForTimeout(timed, timeout), timeout);
    }

    private void stopForTimeout(int timed, Duration timeout) {
        synchronized (attempts) {
            if (runner == null || attempt != timed) {
                return;
            }
            timedOut = true;
            // Before the runner can go on: else the pool could end, and the JVM exit, before the future is done.
            workers.dispatch(
                    this,
                    () -> settleException(
                            new TimeoutException("the task did not end within " + timeout + " of its start")));
            runner.interrupt();
        }
    }

    private void begin() {
        synchronized (attempts) {
            runner = Thread.currentThread();
            if (interruptWanted) {
                runner.interrupt();
            }
            attempt++;
            if (attempts.size() == MAX_ATTEMPTS_KEPT) {
                attempts.remove(0);
            }
            attempts.add(
                    new TaskInfo.Attempt(attempt, HOST, ProcessHandle.current().pid(), Instant.now(), null, null, ""));
        }
    }

    /** Returns whether the time limit has ended this attempt, and with it the task. */
    private boolean end(@Nullable Throwable failure) {
        synchronized (attempts) {
            runner = null;
            TaskInfo.Attempt begun = attempts.remove(attempts.size() - 1);
            TaskInfo.Ending ending;
            if (timedOut) {
                ending = TaskInfo.Ending.TIMED_OUT;
            } else if (isCancelled()) {
                ending = TaskInfo.Ending.CANCELLED;
            } else {
                ending = failure == null ? TaskInfo.Ending.RESULT : TaskInfo.Ending.FAILURE;
            }
            attempts.add(new TaskInfo.Attempt(
                    begun.number(),
                    begun.host(),
                    begun.pid(),
                    begun.started(),
                    Instant.now(),
                    ending,
                    failure == null ? "" : failure.getClass().getName()));
            return timedOut;
        }
    }

    @Override
    protected void onWithdrawn(boolean mayInterruptIfRunning) {
        if (workers.dequeue(this)) {
            callable = null;
            release();
        } else if (mayInterruptIfRunning) {
            interrupt();
        }
    }

    /** Interrupts the thread that runs this, or is about to. */
    void interrupt() {
        synchronized (attempts) {
            interruptWanted = true;
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    /** The task is off the pool's hands. */
    void release() {
        callable = null;
        if (released.compareAndSet(false, true)) {
            workers.taskReleased();
        }
    }

    /** The task as {@code shutdownNow} returns it. */
    Runnable asRunnable() {
        Callable<T> task = callable;
        return task == null ? () -> {} : Calls.asRunnable(task);
    }

    @Override
    protected TaskInfo describe() {
        synchronized (attempts) {
            return new TaskInfo(id(), options.name().orElse(""), currentState(), attempts);
        }
    }

    // ------------------------------------------------------------------------------------------ what the task sees of
    // itself

    private String id() {
        return workers.name() + "#" + sequence;
    }

    private final class Context implements TaskContext {
        @Override
        public String taskId() {
            return id();
        }

        @Override
        public int attempt() {
            return attempt;
        }

        @Override
        public String host() {
            return HOST;
        }

        @Override
        public boolean isCancelled() {
            return isDone();
        }

        @Override
        public void progress(double fraction, String message) {}
    }
}
