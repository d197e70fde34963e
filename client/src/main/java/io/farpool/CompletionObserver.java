package io.farpool;

/**
 * Is told that a future is done, before anything of the user's runs: what waits for many futures is built on it. It must
 * return at once and must not throw.
 */
interface CompletionObserver {
    /** Called once, in the thread that completes the future, when {@code isDone()} has become true. */
    void futureDone(PoolFuture<?> future);
}
