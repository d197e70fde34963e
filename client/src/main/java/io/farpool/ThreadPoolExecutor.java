package io.farpool;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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
    private static final AtomicLong POOLS = new AtomicLong();

    /** The default maximum of threads is the number of processors and so many more, for tasks that wait … */
    private static final int THREADS_BEYOND_PROCESSORS = 4;

    /** … but not more than this, on machines with many processors. */
    private static final int MOST_DEFAULT_THREADS = 32;

    private final String name;
    private final int maxWorkers;
    private final ThreadWorkers workers;

    private ThreadPoolExecutor(Builder builder) {
        super(builder.defaults);
        this.name = builder.threadNamePrefix == null
                ? "farpool-threads-" + POOLS.incrementAndGet()
                : builder.threadNamePrefix;
        this.maxWorkers = builder.maxWorkers;
        this.workers = new ThreadWorkers(name, maxWorkers, builder.initializer);
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

    @Override
    protected <T> PoolFuture<T> submitTask(Callable<T> callable, TaskOptions options) {
        return workers.submit(callable, options);
    }

    @Override
    protected void beginShutdown(boolean cancelFutures) {
        workers.beginShutdown(cancelFutures);
    }

    @Override
    public List<Runnable> shutdownNow() {
        return workers.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return workers.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return workers.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return workers.awaitTermination(timeout, unit);
    }

    @Override
    protected boolean inOwnTask() {
        return workers.inOwnTask();
    }

    @Override
    public <T> Shared<T> share(T value) {
        return new LocalShared<>(value);
    }

    @Override
    public PoolInfo info() {
        return workers.info();
    }

    @Override
    public String toString() {
        PoolInfo info = info();
        return "ThreadPoolExecutor[" + name + ", threads=" + info.processes() + " of " + maxWorkers + ", queued="
                + info.queued() + ", running=" + info.running() + ", completed=" + info.completed() + "]";
    }
}
