package io.farpool;

import io.farpool.session.CompletionDispatcher;
import io.farpool.session.KeepAlive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks in threads of this JVM, behind the same interface as the processes: switching is a change of one line.
 *
 * <pre>{@code
 * try (PoolExecutor pool = ThreadPoolExecutor.create(8)) {
 *     List<Page> pages = pool.map(Page::fetch, urls).toList();
 * }
 * }</pre>
 *
 * <p>Tasks, arguments and results are the very objects: nothing is serialized. A thread is started when a task finds none
 * idle, up to the maximum, and ends after a minute without a task. Tasks run by priority, then in the order of submission. A
 * time limit and {@code cancel(true)} interrupt the task's thread; a task that does not heed that keeps its thread. A
 * JVM whose {@code main} has returned finishes the tasks that are pending, and exits then. The queue has no bound.
 *
 * <p>If the initializer throws, the pool is broken: pending futures fail and submitting throws {@link
 * BrokenThreadPoolException}. Thread-safe.
 */
public final class ThreadPoolExecutor extends AbstractPoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadPoolExecutor.class);
    private static final AtomicLong POOLS = new AtomicLong();

    /** How long a thread without a task stays. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The default maximum of threads is the number of processors and so many more, for tasks that wait … */
    private static final int THREADS_BEYOND_PROCESSORS = 4;

    /** … but not more than this, on machines with many processors. */
    private static final int MOST_DEFAULT_THREADS = 32;

    private final String name;
    private final int maxWorkers;
    private final @Nullable RemoteCallable<?> initializer;
    private final @Nullable ClassLoader contextClassLoader =
            Thread.currentThread().getContextClassLoader();
    private final CompletionDispatcher completions;
    private final KeepAlive keepAlive;
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
    private @Nullable ScheduledThreadPoolExecutor timers;

    private ThreadPoolExecutor(Builder builder) {
        super(builder.defaults);
        this.name = builder.threadNamePrefix == null
                ? "farpool-threads-" + POOLS.incrementAndGet()
                : builder.threadNamePrefix;
        this.maxWorkers = builder.maxWorkers;
        this.initializer = builder.initializer;
        this.completions = new CompletionDispatcher(name + "-completions");
        this.keepAlive = new KeepAlive(name + "-pending");
    }

    /**
     * Makes a pool of as many threads as there are processors and four more, but at most 32.
     *
     * @return the pool
     */
    public static ThreadPoolExecutor create() {
        return builder().build();
    }

    /**
     * Makes a pool.
     *
     * @param maxWorkers the most threads, at least 1
     * @return the pool
     * @throws IllegalArgumentException if it is less than 1
     */
    public static ThreadPoolExecutor create(int maxWorkers) {
        return builder().maxWorkers(maxWorkers).build();
    }

    /**
     * Begins to describe a pool.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Describes a pool. Not thread-safe. */
    public static final class Builder {
        private int maxWorkers =
                Math.min(MOST_DEFAULT_THREADS, Runtime.getRuntime().availableProcessors() + THREADS_BEYOND_PROCESSORS);
        private @Nullable String threadNamePrefix;
        private @Nullable RemoteCallable<?> initializer;

        private TaskOptions defaults = TaskOptions.defaults();

        private Builder() {}

        /**
         * Bounds the threads.
         *
         * @param maxWorkers at least 1; the default is the number of processors plus four, but at most 32
         * @return this
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWorkers(int maxWorkers) {
            this.maxWorkers = Checks.atLeast(1, maxWorkers, "maxWorkers");
            return this;
        }

        /**
         * Names the threads.
         *
         * @param prefix what their names begin with; a number follows
         * @return this
         */
        public Builder threadNamePrefix(String prefix) {
            this.threadNamePrefix = prefix;
            return this;
        }

        /**
         * Has this run in every thread before its first task.
         *
         * @param initializer what to run, or null for nothing
         * @return this
         */
        public Builder initializer(@Nullable RemoteRunnable initializer) {
            this.initializer = initializer == null ? null : new Calls.RunnableCall<>(initializer, null);
            return this;
        }

        /**
         * Has this run with an argument in every thread before its first task: Python's {@code initargs}. It is the same as a
         * lambda that captures the argument.
         *
         * @param initializer what to run; its result is ignored
         * @param argument its argument, a record for several; all threads get this very object
         * @param <A> the type of the argument
         * @return this
         */
        public <A> Builder initializer(RemoteFunction<? super A, ?> initializer, A argument) {
            this.initializer =
                    new Calls.FunctionCall<A, Object>(Objects.requireNonNull(initializer, "initializer"), argument);
            return this;
        }

        /**
         * Gives tasks these options, where {@link PoolExecutor#with} sets no others.
         *
         * @param options what tasks get
         * @return this
         */
        public Builder defaults(TaskOptions options) {
            this.defaults = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Makes the pool. No thread starts before the first task.
         *
         * @return the pool
         */
        public ThreadPoolExecutor build() {
            return new ThreadPoolExecutor(this);
        }
    }

    // ------------------------------------------------------------------------------------------ tasks in

    @Override
    protected <T> PoolFuture<T> submitTask(Callable<T> callable, TaskOptions options) {
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
            threads++;
            Thread thread = new Thread(this::workUntilIdle, name + "-" + ++threadsStarted);
            thread.setDaemon(true); // what is pending is kept alive apart: an idle pool holds up no exit
            thread.setContextClassLoader(contextClassLoader);
            thread.start();
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

    // ------------------------------------------------------------------------------------------ what tasks need of the
    // pool

    String name() {
        return name;
    }

    String host() {
        return "localhost";
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
        lock.lock();
        try {
            if (timers == null) {
                timers = new ScheduledThreadPoolExecutor(1, runnable -> {
                    Thread thread = new Thread(runnable, name + "-timer");
                    thread.setDaemon(true);
                    return thread;
                });
                timers.setRemoveOnCancelPolicy(true);
                timers.setKeepAliveTime(IDLE_NANOS, TimeUnit.NANOSECONDS);
                timers.allowCoreThreadTimeOut(true);
            }
            return timers.schedule(action, Checks.saturatedNanos(delay), TimeUnit.NANOSECONDS);
        } finally {
            lock.unlock();
        }
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

    @Override
    protected void beginShutdown(boolean cancelFutures) {
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

    @Override
    public List<Runnable> shutdownNow() {
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
            if (timers != null) {
                timers.shutdownNow();
            }
        }
    }

    private boolean hasEnded() {
        return shutdown && threads == 0 && queue.isEmpty() && completing == 0;
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        lock.lock();
        try {
            return hasEnded();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
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

    @Override
    protected boolean inOwnTask() {
        return inOwnTask.get() != null;
    }

    // ------------------------------------------------------------------------------------------ the rest

    @Override
    public <T> Shared<T> share(T value) {
        return new LocalShared<>(value);
    }

    @Override
    public PoolInfo info() {
        lock.lock();
        try {
            return new PoolInfo(1, maxWorkers, threads, queue.size(), running.size(), ended.sum());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        PoolInfo info = info();
        return "ThreadPoolExecutor[" + name + ", threads=" + info.processes() + " of " + maxWorkers + ", queued="
                + info.queued() + ", running=" + info.running() + ", completed=" + info.completed() + "]";
    }
}
