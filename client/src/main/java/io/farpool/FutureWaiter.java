package io.farpool;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Blocks one thread until one future is done, as {@code CompletableFuture} does: fork-join pools are told of it. A thread that waits
 * however long it takes completes the future itself if it is asked to, which spares it another thread's waking up and its own after
 * that. One that waits for a limited time does not: decoding a result may take longer.
 */
final class FutureWaiter implements CompletionObserver, ForkJoinPool.ManagedBlocker {
    private static final Object NO_MORE = "it is too late to ask";

    private final PoolFuture<?> future;
    private final boolean timed;
    private final long deadlineNanos;
    private final Thread thread = Thread.currentThread();
    /** The {@code Runnable} that this thread has been asked to run, or {@link #NO_MORE}. */
    private final AtomicReference<@Nullable Object> asked = new AtomicReference<>();

    private boolean interrupted;

    private FutureWaiter(PoolFuture<?> future, boolean timed, long timeoutNanos) {
        this.future = future;
        this.timed = timed;
        this.deadlineNanos = timed ? System.nanoTime() + timeoutNanos : 0;
    }

    /** Waits however long it takes. */
    static void await(PoolFuture<?> future) throws InterruptedException {
        new FutureWaiter(future, false, 0).run();
    }

    /** Waits for at most so long. Whether the future is done then is for the caller to see. */
    static void await(PoolFuture<?> future, long timeoutNanos) throws InterruptedException {
        if (timeoutNanos > 0) {
            new FutureWaiter(future, true, timeoutNanos).run();
        }
    }

    private void run() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!future.addObserver(this)) {
            return;
        }
        try {
            ForkJoinPool.managedBlock(this);
            if (runWhatIsAsked()) {
                ForkJoinPool.managedBlock(this); // until the rest is done elsewhere, if it must be
            }
        } finally {
            boolean ignored = runWhatIsAsked();
            if (!future.isDone()) {
                future.removeObserver(this);
            }
        }
        if (interrupted && !future.isDone()) {
            throw new InterruptedException();
        }
        if (interrupted) {
            thread.interrupt();
        }
    }

    private boolean runWhatIsAsked() {
        if (asked.getAndSet(NO_MORE) instanceof Runnable completion) {
            completion.run();
            return true;
        }
        return false;
    }

    @Override
    public boolean completesItself(Runnable completion) {
        if (timed || !asked.compareAndSet(null, completion)) {
            return false;
        }
        LockSupport.unpark(thread);
        return true;
    }

    @Override
    public void futureDone(PoolFuture<?> done) {
        LockSupport.unpark(thread);
    }

    @Override
    public boolean isReleasable() {
        if (Thread.interrupted()) {
            interrupted = true;
        }
        return interrupted
                || future.isDone()
                || asked.get() instanceof Runnable
                || (timed && deadlineNanos - System.nanoTime() <= 0);
    }

    @Override
    public boolean block() {
        while (!isReleasable()) {
            if (timed) {
                LockSupport.parkNanos(this, deadlineNanos - System.nanoTime());
            } else {
                LockSupport.park(this);
            }
        }
        return true;
    }
}
