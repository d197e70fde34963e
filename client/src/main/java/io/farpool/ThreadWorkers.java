package io.farpool;

import io.farpool.session.CompletionDispatcher;
import io.farpool.session.KeepAlive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a pool, the tasks that wait for one, and the end of both. One lock guards all of it; futures are completed, and tasks and
 * callbacks run, without it. Thread-safe.
 */
final class ThreadWorkers {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadWorkers.class);

    /** How long a thread without a task stays. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final String name;
    private final int maxWorkers;
    private final @Nullable RemoteCallable<?> initializer;
    private final @Nullable ClassLoader contextClassLoader =
            Thread.currentThread().getContextClassLoader();
    private final CompletionDispatcher completions;
    private final KeepAlive keepAlive;
    private final TaskTimers timers;
    private final ThreadLocal<Boolean> inOwnTask = new ThreadLocal<>();

    private final LongAdder ended = new LongAdder();
    private final CompletionObserver completed = future -> futureCompleted();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition termination = lock.newCondition();

    // All guarded by the lock.
    private final TreeSet<ThreadTask<?>> queue = new TreeSet<>(ThreadTask.RUN_ORDER);
    private final Set<ThreadTask<?>> running = new LinkedHashSet<>();
    private int threads;
    private int threadsStarted;
    private int idle;
    /** Threads that have run a task, and will look for the next when they have completed its future. */
    private int finished;

    private long submitted;
    /** Tasks that have ended and whose futures are about to be completed. */
    private int completing;

    private boolean shutdown;
    private boolean stopping;
    private @Nullable BrokenThreadPoolException broken;

    /**
     * Starts no thread yet.
     *
     * @param name of the pool, which names its threads too
     * @param maxWorkers the most threads
     * @param initializer run by each thread before its first task; null for none
     */
    ThreadWorkers(String name, int maxWorkers, @Nullable RemoteCallable<?> initializer) {
        this.name = name;
        this.maxWorkers = maxWorkers;
        this.initializer = initializer;
        this.completions = new CompletionDispatcher(name + "-completions");
        this.keepAlive = new KeepAlive(name + "-pending");
        this.timers = new TaskTimers(name + "-timer");
    }

    // ------------------------------------------------------------------------------------------ tasks in

    /** Takes a task in; throws what the pool's state says against it. */
    <T> PoolFuture<T> submit(Callable<T> callable, TaskOptions options) {
        lock.lock();
        try {
            if (broken != null) {
                throw new BrokenThreadPoolException(broken.getMessage(), broken.getCause());
            }
            if (shutdown) {
                throw new RejectedExecutionException("cannot submit: " + name + " has been shut down");
            }
            ThreadTask<T> task = new ThreadTask<>(this, ++submitted, callable, options);
            keepAlive.hold();
            queue.add(task);
            callThread();
            return task;
        } finally {
            lock.unlock();
        }
    }

    /** Of a task that is to be started again: also after a shutdown, but not after shutdownNow, which gives false. */
    boolean enqueueAgain(ThreadTask<?> task) {
        lock.lock();
        try {
            if (stopping) {
                return false;
            }
            if (broken == null) {
                task.markPending();
                queue.add(task);
                callThread();
                return true;
            }
        } finally {
            lock.unlock();
        }
        failBroken(List.of(task));
        return true;
    }

    private void callThread() {
        if (idle + finished >= queue.size()) {
            work.signal();
        } else if (threads < maxWorkers) {
            Thread thread = new Thread(this::workUntilIdle, name + "-" + ++threadsStarted);
            thread.setDaemon(true); // what is pending is kept alive apart: an idle pool holds up no exit
            thread.setContextClassLoader(contextClassLoader);
            thread.start();
            threads++; // it waits for the lock before it looks at that
        }
    }

    // ------------------------------------------------------------------------------------------ a thread's life

    private void workUntilIdle() {
        inOwnTask.set(true);
        try {
            if (initialize()) {
                boolean ran = runNext(false);
                while (ran) {
                    ran = runNext(true);
                }
            }
        } finally {
            leave();
        }
    }

    private void leave() {
        lock.lock();
        try {
            threads--;
            if (!queue.isEmpty() && threads < maxWorkers) {
                callThread(); // a task came while this thread was leaving
            }
            signalIfEnded();
        } finally {
            lock.unlock();
        }
    }

    /** In a frame of its own, so that a thread that waits for a task does not refer to the one before, nor to its result. */
    private boolean runNext(boolean finishing) {
        ThreadTask<?> task = awaitTask(finishing);
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    private boolean initialize() {
        if (initializer == null) {
            return true;
        }
        try {
            Object ignored = initializer.call();
            return true;
        } catch (Throwable t) {
            LOG.error("initializer threw, the pool is broken pool={}", name, t);
            breakPool(new BrokenThreadPoolException("the initializer of " + name + " threw " + t, t));
            return false;
        }
    }

    private @Nullable ThreadTask<?> awaitTask(boolean finishing) {
        lock.lock();
        try {
            if (finishing) {
                finished--;
            }
            long leftNanos = IDLE_NANOS;
            while (queue.isEmpty()) {
                if (shutdown || broken != null || leftNanos <= 0) {
                    return null;
                }
                idle++;
                try {
                    leftNanos = work.awaitNanos(leftNanos);
                } catch (InterruptedException e) {
                    LOG.debug("interrupted while idle, which a task may have left behind pool={}", name);
                } finally {
                    idle--;
                }
            }
            ThreadTask<?> task = queue.pollFirst();
            running.add(task);
            return task;
        } finally {
            lock.unlock();
        }
    }

    // ------------------------------------------------------------------------------------------ what tasks need

    String name() {
        return name;
    }

    /** Has a task's future completed in a thread that may run a user's code. The pool does not end before it is done. */
    void dispatch(ThreadTask<?> task, Runnable completion) {
        lock.lock();
        try {
            completing++;
        } finally {
            lock.unlock();
        }
        keepAlive.hold();
        if (!task.addObserver(completed)) {
            completed.futureDone(task);
        }
        completions.dispatch(() -> {
            try {
                completion.run();
            } finally {
                keepAlive.release();
            }
        });
    }

    private void futureCompleted() {
        lock.lock();
        try {
            completing--;
            signalIfEnded();
        } finally {
            lock.unlock();
        }
    }

    Future<?> schedule(Runnable action, Duration delay) {
        return timers.schedule(action, delay);
    }

    /** Takes back a task that waits. False if it does not. */
    boolean dequeue(ThreadTask<?> task) {
        lock.lock();
        try {
            return queue.remove(task);
        } finally {
            signalIfEnded();
            lock.unlock();
        }
    }

    /** A task's code has been run, or was found withdrawn: its thread is as good as idle, before its future is done. */
    void taskRan(ThreadTask<?> task) {
        lock.lock();
        try {
            running.remove(task);
            finished++;
        } finally {
            lock.unlock();
        }
    }

    void taskReleased() {
        ended.increment();
        keepAlive.release();
    }

    // ------------------------------------------------------------------------------------------ the end

    private void breakPool(BrokenThreadPoolException cause) {
        List<ThreadTask<?>> pending;
        lock.lock();
        try {
            if (broken != null) {
                return;
            }
            broken = cause;
            pending = new ArrayList<>(queue);
            queue.clear();
            work.signalAll();
        } finally {
            lock.unlock();
        }
        failBroken(pending);
    }

    private void failBroken(List<? extends ThreadTask<?>> pending) {
        BrokenThreadPoolException cause = broken();
        for (ThreadTask<?> task : pending) {
            dispatch(task, () -> {
                boolean ignored =
                        task.settleException(new BrokenThreadPoolException(cause.getMessage(), cause.getCause()));
                task.release();
            });
        }
    }

    private BrokenThreadPoolException broken() {
        lock.lock();
        try {
            if (broken == null) {
                throw new AssertionError("the pool is not broken");
            }
            return broken;
        } finally {
            lock.unlock();
        }
    }

    void beginShutdown(boolean cancelFutures) {
        List<ThreadTask<?>> pending;
        lock.lock();
        try {
            shutdown = true;
            pending = cancelFutures ? new ArrayList<>(queue) : List.of();
            work.signalAll();
            signalIfEnded();
        } finally {
            lock.unlock();
        }
        for (ThreadTask<?> task : pending) {
            boolean ignored = task.cancel();
        }
    }

    List<Runnable> shutdownNow() {
        List<ThreadTask<?>> pending;
        List<ThreadTask<?>> started;
        List<Runnable> neverStarted = new ArrayList<>();
        lock.lock();
        try {
            shutdown = true;
            stopping = true;
            pending = new ArrayList<>(queue);
            started = new ArrayList<>(running);
            work.signalAll();
            signalIfEnded();
        } finally {
            lock.unlock();
        }
        for (ThreadTask<?> task : pending) {
            Runnable runnable = task.asRunnable();
            if (task.cancelFirst()) {
                neverStarted.add(runnable);
            } else {
                task.interrupt(); // it has started meanwhile
            }
        }
        started.forEach(ThreadTask::interrupt);
        return neverStarted;
    }

    private void signalIfEnded() {
        if (hasEnded()) {
            termination.signalAll();
            completions.close();
            timers.close();
        }
    }

    private boolean hasEnded() {
        return shutdown && threads == 0 && queue.isEmpty() && completing == 0;
    }

    boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    boolean isTerminated() {
        lock.lock();
        try {
            return hasEnded();
        } finally {
            lock.unlock();
        }
    }

    boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long leftNanos = unit.toNanos(timeout);
        lock.lock(); // what has ended is not waited for, so interrupts do not matter then
        try {
            while (!hasEnded()) {
                if (leftNanos <= 0) {
                    return false;
                }
                leftNanos = termination.awaitNanos(leftNanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the calling thread is one of these. */
    boolean inOwnTask() {
        return inOwnTask.get() != null;
    }

    PoolInfo info() {
        lock.lock();
        try {
            return new PoolInfo(1, maxWorkers, threads, queue.size(), running.size(), ended.sum());
        } finally {
            lock.unlock();
        }
    }
}
