package io.farpool;

/**
 * Is told that a future is done, before anything of the user's runs: what waits for many futures is built on it. It must
 * return at once and must not throw.
 */
interface CompletionObserver {
    /** Called once, in the thread that completes the future, when {@code isDone()} has become true. */
    void futureDone(PoolFuture<?> future);

    /**
     * Asks a thread that waits to complete the future, so that no other thread has to be woken for it.
     *
     * @param completion completes the future, or sees to it
     * @return true if that thread will run it at once; false if there is none that would
     */
    default boolean completesItself(Runnable completion) {
        return false;
    }
}
