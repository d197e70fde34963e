package io.farpool;

import io.farpool.process.WorkerProcess;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.session.GrpcConnection;
import io.farpool.session.Session;
import io.farpool.session.SessionSettings;
import io.farpool.session.TaskFuture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks in worker processes: on this machine by default, on the hosts of a cluster when given a coordinator's address.
 *
 * <pre>{@code
 * try (var pool = ProcessPoolExecutor.create()) {
 *     for (boolean prime : pool.map(Primes::isPrime, List.of(1000003L, 1000033L, 1000037L))) {
 *         System.out.println(prime);
 *     }
 * }
 * }</pre>
 *
 * <p>Worker processes are child JVMs with this program's class path, which ships itself: nothing is installed on the hosts.
 * They start when there are tasks for them. One that dies ({@code System.exit}, a signal, a crash in native code) fails only
 * the task it was running, with {@link WorkerLostException}, and is replaced. A task whose host is lost runs again elsewhere.
 *
 * <p>If the initializer throws, the pool is broken: pending futures fail and submitting throws {@link
 * BrokenProcessPoolException}. A pool on a cluster outlives its coordinator: when that is lost, the pool goes on with the next
 * one that answers at the address, and only if none does {@linkplain Builder#coordinatorLossTimeout(Duration) for long} it is
 * broken, with {@link BrokenExecutorException}. So it is if the first cannot be reached at all. Inside a worker process a pool
 * can be made, as happens when a class with a static pool is loaded there, but it starts nothing, and submitting to it throws.
 *
 * <p>A JVM whose {@code main} has returned finishes the tasks that are pending, and exits then. However it ends, its worker
 * processes end with it; those on a cluster, if it is killed, when its session's lease has run out (30 s). Thread-safe.
 */
public final class ProcessPoolExecutor extends AbstractPoolExecutor {
    /** The environment variable that {@link #create()} takes a coordinator's address from. */
    public static final String COORDINATOR_VARIABLE = "FARPOOL_COORDINATOR";

    private final Session session;
    private final String name;
    private final int maxWorkers;
    private final PendingRoom room;
    private final CountDownLatch shutdown = new CountDownLatch(1);

    private ProcessPoolExecutor(Builder builder) {
        super(builder.defaults);
        ProcessPoolSetup setup = new ProcessPoolSetup(builder);
        this.session = setup.session();
        this.name = setup.name();
        this.maxWorkers = setup.maxWorkers();
        this.room = new PendingRoom(setup.keepAlive(), builder.pendingLimit);
        if (setup.onCluster() && !WorkerProcess.isInside()) {
            session.open();
        }
    }

    /**
     * Makes a pool on the coordinator that the environment variable {@code FARPOOL_COORDINATOR} names, or else of worker
     * processes on this machine, one for each processor.
     *
     * @return the pool
     * @throws IllegalArgumentException if the variable is set and is no address
     */
    public static ProcessPoolExecutor create() {
        return builder().build();
    }

    /**
     * Makes a pool as {@link #create()} does, of so many worker processes at most.
     *
     * @param maxWorkers at least 1, and at most 100,000 on this machine
     * @return the pool
     * @throws IllegalArgumentException if it is less or more
     */
    public static ProcessPoolExecutor create(int maxWorkers) {
        return builder().maxWorkers(maxWorkers).build();
    }

    /**
     * Makes a pool on a cluster. Returns at once: if no coordinator answers there within the {@linkplain
     * Builder#connectTimeout(Duration) time for connecting}, the pool is broken.
     *
     * @param target the coordinator: {@code host:port}, or a gRPC target such as {@code dns:///farpool.jobs:7077}
     * @return the pool
     * @throws IllegalArgumentException if it is neither
     */
    public static ProcessPoolExecutor connect(String target) {
        return builder().coordinator(target).build();
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
        int maxWorkers;

        @Nullable
        String coordinator;

        @Nullable
        RemoteCallable<?> initializer;

        int maxTasksPerProcess;

        @Nullable
        String name;

        ProcessContext context = ProcessContext.defaults();

        @Nullable
        List<Path> classPath;

        final List<Path> addedToClassPath = new ArrayList<>();

        @Nullable
        Consumer<LogLine> onLog;

        TaskOptions defaults = TaskOptions.defaults();
        int pendingLimit;
        Duration connectTimeout = SessionSettings.DEFAULT_CONNECT_TIMEOUT;
        Duration coordinatorLossTimeout = SessionSettings.DEFAULT_COORDINATOR_LOSS_TIMEOUT;

        private Builder() {}

        /**
         * Bounds the worker processes.
         *
         * @param maxWorkers at least 1. The default is the number of processors this JVM may use, and on a cluster no bound
         * @return this
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWorkers(int maxWorkers) {
            this.maxWorkers = Checks.atLeast(1, maxWorkers, "maxWorkers");
            return this;
        }

        /**
         * Uses a cluster.
         *
         * @param target the coordinator: {@code host:port}, or a gRPC target. The default is the environment variable {@code
         *     FARPOOL_COORDINATOR}, and without that this machine
         * @return this
         * @throws IllegalArgumentException if it is neither
         */
        public Builder coordinator(String target) {
            GrpcConnection.requireTarget(Objects.requireNonNull(target, "target"));
            this.coordinator = target;
            return this;
        }

        /**
         * Has this run in every worker process before its first task. What it sets up in static fields is there for the tasks.
         *
         * @param initializer what to run, or null for nothing
         * @return this
         */
        public Builder initializer(@Nullable RemoteRunnable initializer) {
            this.initializer = initializer == null ? null : new Calls.RunnableCall<>(initializer, null);
            return this;
        }

        /**
         * Has this run with an argument in every worker process before its first task: Python's {@code initargs}. It is the same as a
         * lambda that captures the argument.
         *
         * @param initializer what to run; its result is ignored
         * @param argument its argument, a record for several; each process gets its own copy
         * @param <A> the type of the argument
         * @return this
         */
        public <A> Builder initializer(RemoteFunction<? super A, ?> initializer, A argument) {
            this.initializer =
                    new Calls.FunctionCall<A, Object>(Objects.requireNonNull(initializer, "initializer"), argument);
            return this;
        }

        /**
         * Replaces a worker process after so many tasks.
         *
         * @param tasks at least 1; the default is no limit
         * @return this
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxTasksPerProcess(int tasks) {
            this.maxTasksPerProcess = Checks.atLeast(1, tasks, "maxTasksPerProcess");
            return this;
        }

        /**
         * Names the pool, in listings and in the names of its threads.
         *
         * @param name at most 200 characters
         * @return this
         */
        public Builder name(String name) {
            if (name.length() > MAX_NAME_LENGTH) {
                throw new IllegalArgumentException(
                        "name has " + name.length() + " characters; it must have at most " + MAX_NAME_LENGTH);
            }
            this.name = name;
            return this;
        }

        /**
         * Says what worker processes are started with.
         *
         * @param context JVM options, environment, directory, JDK
         * @return this
         */
        public Builder processContext(ProcessContext context) {
            this.context = Objects.requireNonNull(context, "context");
            return this;
        }

        /**
         * Gives worker processes this class path in place of this program's own. It must hold Farpool's client as well.
         *
         * @param entries jars and directories of this machine
         * @return this
         * @throws IllegalArgumentException if one of them is not there or cannot be read
         */
        public Builder classPath(Path... entries) {
            this.classPath = Checks.readable(entries);
            return this;
        }

        /**
         * Adds to the class path of worker processes.
         *
         * @param entries jars and directories of this machine
         * @return this
         * @throws IllegalArgumentException if one of them is not there or cannot be read
         */
        public Builder addToClassPath(Path... entries) {
            this.addedToClassPath.addAll(Checks.readable(entries));
            return this;
        }

        /**
         * Takes the lines that worker processes write to standard output and error. By default they are printed by this JVM:
         * as they are, or, from a cluster, as {@code (host:pid) line}. A line may come after the future of its task is done;
         * all have come when the pool is closed. A consumer that blocks delays no future: past 100,000 lines, or 64 MiB of
         * them, that wait for it the oldest are dropped, and a line in their place says how many. Nor does it hold up the end
         * of the pool for long: one that has not returned for 2 seconds, or not taken all within a minute, is waited for no
         * longer.
         *
         * @param consumer called by one thread at a time
         * @return this
         */
        public Builder onLog(Consumer<LogLine> consumer) {
            this.onLog = Objects.requireNonNull(consumer, "consumer");
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
         * Has submitting block while so many tasks are pending.
         *
         * @param tasks at least 1; the default is no limit: submitting never blocks
         * @return this
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder pendingLimit(int tasks) {
            this.pendingLimit = Checks.atLeast(1, tasks, "pendingLimit");
            return this;
        }

        /**
         * Bounds how long the first contact with a cluster's coordinator is tried.
         *
         * @param timeout more than zero; the default is 10 seconds
         * @return this
         * @throws IllegalArgumentException if it is zero or less
         */
        public Builder connectTimeout(Duration timeout) {
            this.connectTimeout = Checks.positive(timeout, "connectTimeout");
            return this;
        }

        /**
         * Bounds how long a coordinator that was lost is waited for. Meanwhile nothing fails: tasks that have been started
         * go on, and what is submitted waits here.
         *
         * @param timeout more than zero; the default is 5 minutes
         * @return this
         * @throws IllegalArgumentException if it is zero or less
         */
        public Builder coordinatorLossTimeout(Duration timeout) {
            this.coordinatorLossTimeout = Checks.positive(timeout, "coordinatorLossTimeout");
            return this;
        }

        /**
         * Makes the pool. No worker process starts before the first task.
         *
         * @return the pool
         * @throws IllegalArgumentException if the coordinator's address is malformed, or there is none and more than 100,000
         *     worker processes were asked for
         * @throws NotSerializableTaskException if the initializer cannot be serialized
         */
        public ProcessPoolExecutor build() {
            return new ProcessPoolExecutor(this);
        }

        private static final int MAX_NAME_LENGTH = 200;
    }

    // ------------------------------------------------------------------------------------------ tasks in

    @Override
    protected <T> PoolFuture<T> submitTask(Callable<T> task, TaskOptions taskOptions) {
        requireOpen();
        room.enter();
        boolean submitted = false;
        try {
            requireOpen(); // again: it may have been shut down while this waited for its turn
            PoolFuture<T> future = session.submit(task, taskOptions);
            submitted = true;
            room.leaveWhenDone(future);
            return future;
        } finally {
            if (!submitted) {
                room.leave();
            }
        }
    }

    private void requireOpen() {
        if (WorkerProcess.isInside()) {
            throw new BrokenProcessPoolException(
                    "this pool was made inside a worker process, where it starts nothing: a task cannot use a pool of its own."
                            + " Submit from the program that started the pool, or use a ThreadPoolExecutor here");
        }
        RuntimeException broken = session.brokenBecause();
        if (broken instanceof BrokenProcessPoolException) {
            throw new BrokenProcessPoolException(broken.getMessage(), broken.getCause());
        }
        if (broken != null) {
            throw new BrokenExecutorException(broken.getMessage(), broken);
        }
        if (isShutdown()) {
            throw new RejectedExecutionException("cannot submit: " + name + " has been shut down");
        }
    }

    @Override
    protected void requireExecutable(Runnable task) {
        if (task instanceof Future
                || task instanceof ForkJoinTask
                || task instanceof CompletableFuture.AsynchronousCompletionTask) {
            throw new RejectedExecutionException(
                    "a " + task.getClass().getName() + " cannot be shipped to a worker process: in place of"
                            + " CompletableFuture.supplyAsync(f, pool) call pool.submit(f), which gives a CompletableFuture; in"
                            + " place of thenApplyAsync(f, pool) use thenCompose(value -> pool.submit(f, value)); in place"
                            + " of an ExecutorCompletionService use Futures.asCompleted; or use a ThreadPoolExecutor");
        }
        try {
            session.check(task);
        } catch (NotSerializableTaskException e) {
            throw new RejectedExecutionException(e.getMessage(), e);
        }
    }

    @Override
    protected @Nullable Throwable refusal(Object value) {
        try {
            session.check(value);
            return null;
        } catch (NotSerializableTaskException e) {
            return e;
        }
    }

    @Override
    public <T> Shared<T> share(T value) {
        if (WorkerProcess.isInside()) {
            return new LocalShared<>(value); // of a static pool, say, that no task can use
        }
        requireOpen();
        return session.share(value);
    }

    // ------------------------------------------------------------------------------------------ the end

    @Override
    protected void beginShutdown(boolean cancelFutures) {
        shutdown.countDown();
        if (cancelFutures) {
            for (TaskFuture<?> future : session.pending()) {
                boolean ignored = future.cancel();
            }
        }
        session.closeWhenDone();
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown.countDown();
        Deque<Runnable> neverStarted = new ArrayDeque<>();
        List<TaskFuture<?>> running = new ArrayList<>();
        List<TaskFuture<?>> pending = session.pending();
        // The last one first, and what runs after all others: no slot comes free while anything could start in it.
        for (int i = pending.size() - 1; i >= 0; i--) {
            TaskFuture<?> future = pending.get(i);
            Runnable task = session.asRunnable(future);
            if (((PoolFuture<?>) future).cancelFirst()) {
                neverStarted.addFirst(task);
            } else {
                running.add(future);
            }
        }
        for (TaskFuture<?> future : running) {
            if (future.isDone()) {
                session.withdraw(future, true); // it was cancelled, and may run on unseen
            } else {
                boolean ignored = future.cancel(true);
            }
        }
        session.closeWhenDone();
        return new ArrayList<>(neverStarted);
    }

    /**
     * Ends the pool and its worker processes now: Python's {@code terminate_workers}. Tasks that run are interrupted, and their
     * processes are killed after a grace period. Futures that are not done fail with {@link BrokenProcessPoolException}, and
     * nothing more can be submitted. Does not wait; does nothing more when it has been called before.
     */
    public void terminateWorkers() {
        end(false, "terminateWorkers() was called");
    }

    /** Ends the pool as {@link #terminateWorkers} does, but kills the processes at once: Python's {@code kill_workers}. */
    public void killWorkers() {
        end(true, "killWorkers() was called");
    }

    private void end(boolean kill, String why) {
        shutdown.countDown();
        session.endNow(kill, new BrokenProcessPoolException(why));
    }

    @Override
    public boolean isShutdown() {
        return shutdown.getCount() == 0;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown() && session.isEnded();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long timeoutNanos = Math.max(0, unit.toNanos(timeout));
        long startedNanos = System.nanoTime();
        // The session of a broken pool ends by itself, which does not terminate a pool that was not shut down.
        if (!isShutdown() && !shutdown.await(timeoutNanos, TimeUnit.NANOSECONDS)) {
            return false;
        }
        return session.awaitEnded(timeoutNanos - (System.nanoTime() - startedNanos));
    }

    // ------------------------------------------------------------------------------------------ the rest

    @Override
    public PoolInfo info() {
        DescribeResponse cluster;
        try {
            cluster = session.describe();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedInterruptedException(e);
        }
        return cluster == null ? new PoolInfo(0, maxWorkers, 0, 0, 0, 0) : PoolInfo.of(cluster, session.id());
    }

    @Override
    public String toString() {
        return "ProcessPoolExecutor[" + name + ", session=" + session.id() + (isShutdown() ? ", shut down" : "") + "]";
    }
}
