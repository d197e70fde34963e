package io.farpool;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs tasks elsewhere: Python's {@code concurrent.futures.Executor} and Java's {@link ExecutorService} at once.
 *
 * <pre>{@code
 * try (PoolExecutor pool = ProcessPoolExecutor.create()) {
 *     PoolFuture<Integer> one = pool.submit(Calc::pow, 2, 8);
 *     for (boolean prime : pool.map(Primes::isPrime, List.of(1000003L, 1000033L))) {
 *         System.out.println(prime);
 *     }
 *     System.out.println(one.result());
 * }
 * }</pre>
 *
 * <p><b>What runs where.</b> In a process pool a task and its arguments are serialized in the caller's thread while it
 * submits, so later changes are not seen by the task; what the task changes in memory stays in its process; the result is a
 * copy. A thread pool runs the very objects. Lambdas must be serializable, which those given to the methods here are without
 * a cast; classes of your own need not be.
 *
 * <p><b>Overloads.</b> {@code submit(fn, arg)} does not compile for overloaded or {@code void} method references, and an
 * argument is not widened: for a function of {@code long} write {@code 7L}, or a lambda. To pass tasks to {@code invokeAll},
 * say {@code List.<RemoteCallable<T>>of(…)}. An {@link java.util.concurrent.ExecutorCompletionService} wraps tasks in
 * something that cannot be shipped: it works on threads; a process pool rejects it, and {@link Futures#asCompleted} does the
 * same.
 *
 * <p><b>Errors.</b> Submitting throws {@link BrokenExecutorException} when the pool is broken, else {@link
 * RejectedExecutionException} after a shutdown, and {@link NullPointerException} for a null task. What cannot be serialized
 * fails its own future, with {@link NotSerializableTaskException}.
 *
 * <p>Thread-safe. Submitting does not block, unless the pool was built with a limit of pending tasks.
 */
public interface PoolExecutor extends ExecutorService, AutoCloseable {
    /**
     * Runs a task.
     *
     * @param task what to run
     * @param <T> the type of its result
     * @return its future
     */
    <T> PoolFuture<T> submit(RemoteCallable<T> task);

    /**
     * Runs a task.
     *
     * @param task what to run
     * @return its future, whose result is null
     */
    PoolFuture<?> submit(RemoteRunnable task);

    /**
     * Runs a function with an argument.
     *
     * @param fn what to run
     * @param argument what to call it with; may be null
     * @param <A> the type of the argument
     * @param <R> the type of the result
     * @return its future
     */
    <A, R> PoolFuture<R> submit(RemoteFunction<? super A, ? extends R> fn, A argument);

    /**
     * Runs a function with two arguments.
     *
     * @param fn what to run
     * @param first what to call it with; may be null
     * @param second what to call it with; may be null
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <R> the type of the result
     * @return its future
     */
    <A, B, R> PoolFuture<R> submit(RemoteBiFunction<? super A, ? super B, ? extends R> fn, A first, B second);

    /**
     * Runs a task, which a process pool must be able to serialize.
     *
     * @param task what to run
     * @param <T> the type of its result
     * @return its future
     */
    @Override
    <T> PoolFuture<T> submit(Callable<T> task);

    /**
     * Runs a task, which a process pool must be able to serialize.
     *
     * @param task what to run
     * @return its future, whose result is null
     */
    @Override
    PoolFuture<?> submit(Runnable task);

    /**
     * Runs a task, which a process pool must be able to serialize.
     *
     * @param task what to run
     * @param result what the future gives when the task has run; in a process pool a copy of it
     * @param <T> the type of the result
     * @return its future
     */
    @Override
    <T> PoolFuture<T> submit(Runnable task, T result);

    /**
     * Runs a task.
     *
     * @param task what to run
     * @param result what the future gives when the task has run; in a process pool a copy of it
     * @param <T> the type of the result
     * @return its future
     */
    <T> PoolFuture<T> submit(RemoteRunnable task, T result);

    /**
     * Runs a task that nobody waits for. What it throws is logged.
     *
     * @param task what to run
     */
    void execute(RemoteRunnable task);

    /**
     * Runs a task that nobody waits for. What it throws is logged.
     *
     * @param task what to run
     * @throws RejectedExecutionException also if this is a process pool and the task cannot be shipped: a {@link
     *     java.util.concurrent.Future}, a fork-join task such as {@code CompletableFuture.supplyAsync} makes, or anything not
     *     serializable. The message says what to use instead
     */
    @Override
    void execute(Runnable task);

    /**
     * Runs the function with every input, all of them submitted at once.
     *
     * @param fn what to run
     * @param inputs read to its end in this call
     * @param <A> the type of an input
     * @param <R> the type of a result
     * @return the results in the order of the inputs
     */
    <A, R> Results<R> map(RemoteFunction<? super A, ? extends R> fn, Iterable<? extends A> inputs);

    /**
     * Runs the function with every input.
     *
     * @param fn what to run
     * @param inputs read to its end in this call, unless the options set a buffer
     * @param options chunks, buffer, time limit
     * @param <A> the type of an input
     * @param <R> the type of a result
     * @return the results in the order of the inputs
     */
    <A, R> Results<R> map(RemoteFunction<? super A, ? extends R> fn, Iterable<? extends A> inputs, MapOptions options);

    /**
     * Runs the function with pairs of inputs, as far as the shorter of the two goes.
     *
     * @param fn what to run
     * @param firsts the first inputs
     * @param seconds the second inputs
     * @param <A> the type of a first input
     * @param <B> the type of a second input
     * @param <R> the type of a result
     * @return the results in the order of the inputs
     */
    <A, B, R> Results<R> map(
            RemoteBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends A> firsts,
            Iterable<? extends B> seconds);

    /**
     * Runs the function with pairs of inputs, as far as the shorter of the two goes.
     *
     * @param fn what to run
     * @param firsts the first inputs
     * @param seconds the second inputs
     * @param options chunks, buffer, time limit
     * @param <A> the type of a first input
     * @param <B> the type of a second input
     * @param <R> the type of a result
     * @return the results in the order of the inputs
     */
    <A, B, R> Results<R> map(
            RemoteBiFunction<? super A, ? super B, ? extends R> fn,
            Iterable<? extends A> firsts,
            Iterable<? extends B> seconds,
            MapOptions options);

    /**
     * A view of this executor whose submissions carry these options. It lives and ends with the executor: closing it closes
     * the pool. The view of a view overrides only what its options set.
     *
     * @param options what its tasks get
     * @return the view
     */
    PoolExecutor with(TaskOptions options);

    /**
     * Makes a value cheap to use in many tasks: it is serialized once, here and now, travels once to each host, and is decoded
     * once in each worker process. What is changed in it later, processes do not see.
     *
     * <p>Nothing is sent before a task captures it. Tasks that do start once it has arrived; others pass them. If it cannot be
     * sent, or a host has no room for it, the tasks that need it fail with {@link java.io.UncheckedIOException}, and no other.
     *
     * <p>It is written into a file while it is serialized, and read from one in each process: its bytes take no memory, and may be as
     * many as the disks have room for.
     *
     * @param value what the tasks read; may be null. It may hold other shared values
     * @param <T> the type of the value
     * @return what the tasks are to capture in its place; to be closed when no more of them will be submitted
     * @throws NotSerializableTaskException if a process pool cannot serialize it
     * @throws java.io.UncheckedIOException if a process pool has no room for it in this machine's temporary directory
     * @throws java.util.concurrent.RejectedExecutionException if a process pool has been shut down
     */
    <T> Shared<T> share(T value);

    /**
     * What the pool has and does.
     *
     * @return as far as is known here, now
     */
    PoolInfo info();

    /**
     * Takes no more tasks. Doing it again is allowed, and may go further than before.
     *
     * <p>Called from one of the pool's own tasks it does not wait, for that would be for itself.
     *
     * @param wait whether to return only when all tasks are done and the pool's processes or threads have ended; if false,
     *     pending tasks still run, and the processes or threads end after them
     * @param cancelFutures whether to cancel the tasks that have not started
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; its interrupt status stays set
     */
    void shutdown(boolean wait, boolean cancelFutures);

    /**
     * Takes no more tasks, and waits until those there are are done and the pool has ended: what leaving Python's {@code
     * with} does. If the thread is interrupted while it waits, it stops all tasks as {@link #shutdownNow()} does, waits on,
     * and returns with its interrupt status set.
     */
    @Override
    void close();
}
