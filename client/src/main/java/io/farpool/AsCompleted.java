package io.farpool;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Goes once through futures in the order they get done. */
final class AsCompleted<F extends PoolFuture<?>> implements Iterable<F> {
    private final AtomicReference<@Nullable Set<F>> futures;
    private final boolean timed;
    private final long deadlineNanos;

    AsCompleted(Collection<F> futures, @Nullable Duration timeout) {
        this.futures = new AtomicReference<>(new LinkedHashSet<>(List.copyOf(futures)));
        this.timed = timeout != null;
        this.deadlineNanos = timeout == null ? 0 : System.nanoTime() + Checks.saturatedNanos(timeout);
    }

    @Override
    public Iterator<F> iterator() {
        Set<F> all = futures.getAndSet(null);
        if (all == null) {
            throw new IllegalStateException("asCompleted can be gone through once; call it again for another pass");
        }
        return new Pass<>(all, timed, deadlineNanos);
    }

    /** Collects what gets done. The futures hold it weakly: a pass given up half-way is not kept by those still pending. */
    private static final class Pass<F extends PoolFuture<?>> implements Iterator<F> {
        private final LinkedBlockingQueue<F> finished = new LinkedBlockingQueue<>();
        private final boolean timed;
        private final long deadlineNanos;
        private final int total;
        private int left;

        Pass(Set<F> futures, boolean timed, long deadlineNanos) {
            this.timed = timed;
            this.deadlineNanos = deadlineNanos;
            this.total = futures.size();
            this.left = total;
            Arrivals<F> arrivals = new Arrivals<>(finished);
            for (F future : futures) {
                if (!future.addObserver(arrivals)) {
                    finished.add(future);
                }
            }
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public F next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            try {
                F future = finished.poll();
                if (future == null) {
                    future = timed
                            ? finished.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
                            : finished.take();
                }
                if (future == null) {
                    throw new UncheckedTimeoutException(
                            new TimeoutException(left + " (of " + total + ") futures unfinished"));
                }
                left--;
                return future;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedInterruptedException(e);
            }
        }
    }

    private static final class Arrivals<F extends PoolFuture<?>> implements CompletionObserver {
        private final WeakReference<LinkedBlockingQueue<F>> finished;

        Arrivals(LinkedBlockingQueue<F> finished) {
            this.finished = new WeakReference<>(finished);
        }

        @Override
        @SuppressWarnings("unchecked") // It is added to futures of this type only.
        public void futureDone(PoolFuture<?> future) {
            LinkedBlockingQueue<F> queue = finished.get();
            if (queue != null) {
                queue.add((F) future);
            }
        }
    }
}
