package io.farpool;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;

/** Blocks one thread until one future is done, as {@code CompletableFuture} does: fork-join pools are told of it. */
final class FutureWaiter implements CompletionObserver, ForkJoinPool.ManagedBlocker {
    private final PoolFuture<?> future;
    private final boolean timed;
    private final long deadlineNanos;
    private final Thread thread = Thread.currentThread();
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
        } finally {
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

    @Override
    public void futureDone(PoolFuture<?> done) {
        LockSupport.unpark(thread);
    }

    @Override
    public boolean isReleasable() {
        if (Thread.interrupted()) {
            interrupted = true;
        }
        return interrupted || future.isDone() || (timed && deadlineNanos - System.nanoTime() <= 0);
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
