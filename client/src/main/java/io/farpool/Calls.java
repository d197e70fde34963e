package io.farpool;

import io.farpool.codec.Envelope;
import io.farpool.process.ChunkOutcomes;
import io.farpool.process.ItemOutcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What the calls of {@link PoolExecutor} become: tasks that can be shipped. They run in worker processes. */
final class Calls {
    private Calls() {}

    /**
     * {@code submit(fn, argument)}.
     *
     * @param function what to call
     * @param argument its argument
     * @param <A> the type of the argument
     * @param <R> the type of the result
     */
    record FunctionCall<A, R>(RemoteFunction<? super A, ? extends R> function, A argument)
            implements RemoteCallable<R>, Envelope {
        @Override
        public R call() throws Exception {
            return function.apply(argument);
        }
    }

    /**
     * {@code submit(fn, first, second)}.
     *
     * @param function what to call
     * @param first the first argument
     * @param second the second argument
     * @param <A> the type of the argument
     * @param <B> the type of the second argument
     * @param <R> the type of the result
     */
    record BiFunctionCall<A, B, R>(RemoteBiFunction<? super A, ? super B, ? extends R> function, A first, B second)
            implements RemoteCallable<R>, Envelope {
        @Override
        public R call() throws Exception {
            return function.apply(first, second);
        }
    }

    /**
     * {@code submit(task, result)}, and a runnable without a result.
     *
     * @param task what to run
     * @param result what it gives
     * @param <R> the type of the result
     */
    record RunnableCall<R>(Runnable task, @Nullable R result) implements RemoteCallable<R>, Envelope {
        @Override
        @SuppressWarnings("NullAway")
        public R call() {
            task.run();
            return result;
        }
    }

    /**
     * A pair of inputs of {@code map(fn, firsts, seconds)}.
     *
     * @param first the first argument
     * @param second the second argument
     * @param <A> the type of the argument
     * @param <B> the type of the second argument
     */
    record Pair<A, B>(A first, B second) implements Serializable, Envelope {}

    /**
     * Makes a function of two arguments one of pairs.
     *
     * @param function what to call
     * @param <A> the type of the argument
     * @param <B> the type of the second argument
     * @param <R> the type of the result
     */
    record OfPairs<A, B, R>(RemoteBiFunction<? super A, ? super B, ? extends R> function)
            implements RemoteFunction<Pair<A, B>, R>, Envelope {
        @Override
        public R apply(Pair<A, B> pair) throws Exception {
            return function.apply(pair.first, pair.second);
        }
    }

    /**
     * Some inputs of a {@code map}, one after another. An item that fails fails alone, unless the task may be started again
     * for what it threw.
     *
     * @param function what to call
     * @param inputs its arguments, one after another
     * @param retryOn what the task may be started again for
     * @param attempts starts allowed in all
     * @param <A> the type of the argument
     * @param <R> the type of the result
     */
    record ChunkCall<A, R>(
            RemoteFunction<? super A, ? extends R> function,
            ArrayList<A> inputs,
            ArrayList<Class<? extends Throwable>> retryOn,
            int attempts)
            implements RemoteCallable<ChunkOutcomes<R>>, Envelope {
        @Override
        public ChunkOutcomes<R> call() throws Exception {
            ArrayList<ItemOutcome<R>> outcomes = new ArrayList<>(inputs.size());
            boolean lastAttempt = TaskContext.current().attempt() >= attempts;
            for (A input : inputs) {
                if (Thread.interrupted() || TaskContext.current().isCancelled()) {
                    throw new InterruptedException(
                            "stopped after " + outcomes.size() + " of " + inputs.size() + " items");
                }
                try {
                    outcomes.add(ItemOutcome.of(function.apply(input)));
                } catch (Throwable failure) {
                    if (!lastAttempt && retryOn.stream().anyMatch(retried -> retried.isInstance(failure))) {
                        throw failure;
                    }
                    outcomes.add(ItemOutcome.failed(failure));
                }
            }
            return new ChunkOutcomes<>(outcomes);
        }
    }

    /** A task that was never started, as {@code shutdownNow} returns it: the user's own runnable where there is one. */
    static Runnable asRunnable(Callable<?> task) {
        return task instanceof RunnableCall<?> call ? call.task : new NeverStarted(task);
    }

    /**
     * Runs a callable for its effects.
     *
     * @param task what to run
     */
    private record NeverStarted(Callable<?> task) implements Runnable {
        @Override
        public void run() {
            try {
                Object ignored = task.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A chunk of inputs, to be run with these options. */
    static <A, R> ChunkCall<A, R> chunk(
            RemoteFunction<? super A, ? extends R> function, List<A> inputs, TaskOptions options) {
        return new ChunkCall<>(
                function, new ArrayList<>(inputs), new ArrayList<>(options.retryOn()), options.attemptsAfterFailure());
    }
}
