package io.farpool.wire;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what blocks on the threads of a pool. Where that needs a thread and the system has none, it waits until one of those there
 * are has done its task, or the system has one again, which is tried every second: whoever hands something over need not take back
 * what it has counted.
 *
 * <p>Thread-safe.
 */
public final class PatientExecutor implements Executor {
    private static final Logger log = LoggerFactory.getLogger(PatientExecutor.class);

    private static final long RETRY_MILLIS = 1_000;

    private final Executor pool;
    private final Executor afterAWhile;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** @param pool may throw the {@link OutOfMemoryError} of a thread that cannot be started, and has not kept the task then */
    public PatientExecutor(Executor pool) {
        this(pool, CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, Runnable::run));
    }

    /** @param afterAWhile runs a try, which takes no time, later; keeps it if it needs a thread that it cannot have yet */
    PatientExecutor(Executor pool, Executor afterAWhile) {
        this.pool = pool;
        this.afterAWhile = afterAWhile;
    }

    /**
     * Has it run, at once or later.
     *
     * @throws RejectedExecutionException when the pool takes nothing more
     * @throws OutOfMemoryError when there is no thread, and none for this JVM's timer either: then it has not been taken. That
     *     one is there from the first time that anything in the JVM waits for it
     */
    @Override
    public void execute(Runnable task) {
        try {
            pool.execute(() -> runAndGoOn(task));
        } catch (OutOfMemoryError noThread) {
            log.warn("event=no-thread reason=\"{}\"; tried again in {} ms", noThread.getMessage(), RETRY_MILLIS);
            waiting.add(task);
            tryAgainLater(task);
        }
    }

    private void tryAgainLater(Runnable task) {
        try {
            afterAWhile.execute(this::tryAgain);
        } catch (OutOfMemoryError noTimer) {
            if (waiting.remove(task)) {
                throw noTimer;
            }
        }
    }

    /** What it throws is the pool's business; what waits goes on all the same. */
    private void runAndGoOn(Runnable task) {
        try {
            task.run();
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                next.run();
            }
        } finally {
            tryAgain();
        }
    }

    private void tryAgain() {
        Runnable next = waiting.poll();
        if (next != null) {
            try {
                execute(next);
            } catch (RejectedExecutionException closed) {
                log.debug("event=pool-closed", closed);
            } catch (OutOfMemoryError noThread) {
                waiting.add(next); // for whoever comes next
            }
        }
    }
}
