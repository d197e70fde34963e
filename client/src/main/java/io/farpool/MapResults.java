package io.farpool;

import io.farpool.Calls.FunctionCall;
import io.farpool.process.ChunkOutcomes;
import io.farpool.process.ItemOutcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The results of one {@code map}. Nothing but its user refers to it: dropped unread, it holds nothing alive, and its tasks
 * end as any others.
 */
final class MapResults<A, R> implements Results<R> {
    /** A submitted task: one input, or a chunk of them. */
    private sealed interface Batch<R> {
        PoolFuture<?> future();

        /** How the items ended. The future is done. */
        Iterator<ItemOutcome<R>> outcomes();
    }

    private record Single<R>(PoolFuture<R> future) implements Batch<R> {
        @Override
        public Iterator<ItemOutcome<R>> outcomes() {
            ItemOutcome<R> outcome;
            try {
                outcome = ItemOutcome.of(future.join());
            } catch (Throwable wrapped) {
                outcome = ItemOutcome.failed(MapResults.failureOf(future, wrapped));
            }
            return List.of(outcome).iterator();
        }
    }

    /** @param refused by index, the inputs that could not be sent, and why; the task has the others */
    private record Chunk<R>(PoolFuture<ChunkOutcomes<R>> future, int size, Map<Integer, Throwable> refused)
            implements Batch<R> {
        @Override
        public Iterator<ItemOutcome<R>> outcomes() {
            Iterator<ItemOutcome<R>> sent;
            try {
                sent = future.join().items().iterator();
            } catch (Throwable wrapped) {
                Throwable failure = MapResults.failureOf(future, wrapped);
                sent = Collections.nCopies(size, ItemOutcome.<R>failed(failure)).iterator();
            }
            if (refused.isEmpty()) {
                return sent;
            }
            List<ItemOutcome<R>> outcomes = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                Throwable why = refused.get(i);
                outcomes.add(why == null ? sent.next() : ItemOutcome.failed(why));
            }
            return outcomes.iterator();
        }
    }

    private static Throwable failureOf(PoolFuture<?> future, Throwable wrapped) {
        if (future.isCancelled()) {
            return wrapped;
        }
        Throwable failure = future.exception();
        return failure == null ? wrapped : failure;
    }

    @SuppressWarnings("NullAway") // a task may give null
    private static <R> R valueOrThrow(ItemOutcome<R> outcome) {
        Throwable failure = outcome.failure();
        if (failure != null) {
            throw PoolFuture.rethrown(failure);
        }
        return outcome.value();
    }

    private final AbstractPoolExecutor pool;
    private final RemoteFunction<? super A, ? extends R> function;
    private final MapOptions options;
    private final long startedNanos = System.nanoTime();
    private final AtomicBoolean used = new AtomicBoolean();

    // Guarded by this; waiting for a task is done without it.
    private final ArrayDeque<Batch<R>> pending = new ArrayDeque<>();
    private @Nullable Iterator<? extends A> source;
    private Iterator<ItemOutcome<R>> taken = Collections.emptyIterator();
    /** Why no more inputs could be read or submitted; thrown at the turn of the first of those. */
    private @Nullable Throwable sourceFailure;

    /** Submits all inputs, or as many tasks as the buffer holds. */
    MapResults(
            AbstractPoolExecutor pool,
            RemoteFunction<? super A, ? extends R> function,
            Iterator<? extends A> source,
            MapOptions options) {
        this.pool = pool;
        this.function = function;
        this.options = options;
        this.source = source;
        int most = options.bufferSize().orElse(Integer.MAX_VALUE);
        try {
            for (int tasks = 0; tasks < most && submitNext(); tasks++) {}
        } catch (Throwable t) {
            close();
            throw t;
        }
    }

    private synchronized boolean submitNext() {
        Iterator<? extends A> inputs = source;
        if (inputs == null || !inputs.hasNext()) {
            source = null;
            return false;
        }
        if (options.chunkSize() == 1) {
            pending.add(new Single<R>(pool.<R>submitWithOptions(new FunctionCall<A, R>(function, inputs.next()))));
            return true;
        }
        List<A> chunk = new ArrayList<>();
        while (chunk.size() < options.chunkSize() && inputs.hasNext()) {
            chunk.add(inputs.next());
        }
        pending.add(submit(chunk));
        return true;
    }

    private Chunk<R> submit(List<A> chunk) {
        PoolFuture<ChunkOutcomes<R>> future =
                pool.submitWithOptions(Calls.<A, R>chunk(function, chunk, pool.options()));
        if (!future.isCompletedExceptionally() || pool.refusal(function) != null) {
            return new Chunk<>(future, chunk.size(), Map.of());
        }
        Map<Integer, Throwable> refused = new HashMap<>();
        List<A> sendable = new ArrayList<>();
        for (A input : chunk) {
            Throwable why = pool.refusal(new FunctionCall<A, R>(function, input));
            if (why == null) {
                sendable.add(input);
            } else {
                refused.put(refused.size() + sendable.size(), why);
            }
        }
        if (!refused.isEmpty() && !sendable.isEmpty()) {
            future = pool.submitWithOptions(Calls.<A, R>chunk(function, sendable, pool.options()));
        }
        return new Chunk<>(future, chunk.size(), refused);
    }

    @Override
    public Iterator<R> iterator() {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("the results of a map can be gone through once");
        }
        return new InOrder();
    }

    @Override
    public Stream<R> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED), false)
                .onClose(this::close);
    }

    @Override
    public List<R> toList() {
        List<R> results = new ArrayList<>();
        Iterator<R> each = iterator();
        try {
            while (each.hasNext()) {
                results.add(each.next());
            }
        } finally {
            close();
        }
        return Collections.unmodifiableList(results);
    }

    @Override
    public void close() {
        List<Batch<R>> rest;
        synchronized (this) {
            rest = new ArrayList<>(pending);
            pending.clear();
            source = null;
            sourceFailure = null;
            taken = Collections.emptyIterator();
        }
        for (Batch<R> batch : rest) {
            boolean ignored = batch.future().cancel();
        }
    }

    private final class InOrder implements Iterator<R> {
        @Override
        public boolean hasNext() {
            synchronized (MapResults.this) {
                return taken.hasNext() || !pending.isEmpty() || sourceFailure != null;
            }
        }

        @Override
        public R next() {
            while (true) {
                Batch<R> head;
                synchronized (MapResults.this) {
                    if (taken.hasNext()) {
                        return valueOrThrow(nextTaken());
                    }
                    head = pending.peek();
                    if (head == null) {
                        throw atTheEnd();
                    }
                }
                await(head.future());
                synchronized (MapResults.this) {
                    if (pending.peek() == head) {
                        pending.remove();
                        taken = head.outcomes();
                        refill();
                    }
                }
            }
        }

        /** A chunk is not kept past its last outcome. */
        private ItemOutcome<R> nextTaken() {
            ItemOutcome<R> outcome = taken.next();
            if (!taken.hasNext()) {
                taken = Collections.emptyIterator();
            }
            return outcome;
        }

        private RuntimeException atTheEnd() {
            Throwable failure = sourceFailure;
            sourceFailure = null;
            return failure == null ? new NoSuchElementException() : PoolFuture.rethrown(failure);
        }

        private void refill() {
            try {
                boolean ignored = submitNext();
            } catch (RejectedExecutionException e) {
                source = null;
                sourceFailure = new RejectedExecutionException(
                        "the remaining inputs of this map could not be submitted: " + e.getMessage(), e);
            } catch (Throwable t) {
                source = null;
                sourceFailure = t;
            }
        }

        private void await(PoolFuture<?> future) {
            Duration timeout = options.timeout().orElse(null);
            if (timeout == null) {
                future.awaitDone();
                return;
            }
            long left = Checks.saturatedNanos(timeout) - (System.nanoTime() - startedNanos);
            if (!future.awaitDone(left)) {
                int unfinished;
                synchronized (MapResults.this) {
                    unfinished = pending.size();
                }
                close();
                throw new UncheckedTimeoutException(new TimeoutException(
                        "map has not given all results within " + timeout + "; " + unfinished + " tasks left"));
            }
        }
    }
}
