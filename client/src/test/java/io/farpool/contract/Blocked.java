package io.farpool.contract;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A thread of the test's that blocks in a call. */
public final class Blocked<T> {
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean interrupted;

    private Blocked(Callable<T> call) {
        thread = new Thread(() -> {
            try {
                T value = call.call();
                interrupted = Thread.currentThread().isInterrupted();
                outcome.complete(value);
            } catch (Throwable t) {
                interrupted = Thread.currentThread().isInterrupted();
                outcome.completeExceptionally(t);
            }
        });
        thread.setDaemon(true);
    }

    /** Starts the call and waits until its thread blocks. */
    public static <T> Blocked<T> in(Callable<T> call) {
        Blocked<T> blocked = new Blocked<>(call);
        blocked.thread.start();
        Await.until("the thread blocks", () -> {
            Thread.State state = blocked.thread.getState();
            return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
        });
        return blocked;
    }

    public Thread thread() {
        return thread;
    }

    public @Nullable Throwable failure() throws InterruptedException, java.util.concurrent.TimeoutException {
        try {
            outcome.get(Await.LONG.toMillis(), TimeUnit.MILLISECONDS);
            return null;
        } catch (java.util.concurrent.ExecutionException e) {
            return e.getCause();
        } catch (java.util.concurrent.CancellationException e) {
            return e;
        }
    }

    /** Whether the interrupt status was set when the call ended. */
    public boolean interrupted() {
        return interrupted;
    }

    public T value() {
        return outcome.orTimeout(Await.LONG.toMillis(), TimeUnit.MILLISECONDS).join();
    }
}
