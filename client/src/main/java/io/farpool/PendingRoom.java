package io.farpool;

import io.farpool.session.KeepAlive;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Room for a process pool's pending tasks. While there is one, this JVM lives; past the limit, if there is one, submitting
 * waits. Thread-safe.
 */
final class PendingRoom {
    private final KeepAlive keepAlive;
    private final @Nullable Semaphore places;
    private final CompletionObserver taskDone = future -> leave();

    /** @param limit of tasks; 0: none */
    PendingRoom(KeepAlive keepAlive, int limit) {
        this.keepAlive = keepAlive;
        this.places = limit == 0 ? null : new Semaphore(limit);
    }

    /**
     * Takes room for a task, waiting for it if need be. {@link #leave} or {@link #leaveWhenDone} must follow.
     *
     * @throws UncheckedInterruptedException if the thread is interrupted while it waits; then there is no room taken
     */
    void enter() {
        if (places != null) {
            try {
                places.acquire();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedInterruptedException(e);
            }
        }
        keepAlive.hold();
    }

    void leave() {
        keepAlive.release();
        if (places != null) {
            places.release();
        }
    }

    void leaveWhenDone(PoolFuture<?> future) {
        if (!future.addObserver(taskDone)) {
            leave();
        }
    }
}
