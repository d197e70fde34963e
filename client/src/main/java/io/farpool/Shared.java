package io.farpool;

import java.io.Serializable;

/**
 * A value that many tasks read: serialized once, shipped once to each host, and decoded once in each worker process.
 *
 * <p>Made by {@link PoolExecutor#share}. Capture the {@code Shared}, not the value:
 *
 * <pre>{@code
 * Shared<Model> model = pool.share(trained);
 * List<Score> scores = pool.map(row -> model.get().score(row), rows).toList();
 * }</pre>
 *
 * <p>All tasks in a process see the same object, so they must not change it. Thread-safe.
 *
 * <p>Tasks of another pool of this program can use it too, until the pool that shared it has ended. An initializer cannot.
 *
 * @param <T> the type of the value
 */
public interface Shared<T> extends Serializable, AutoCloseable {
    /**
     * Gives the value, here and inside tasks.
     *
     * @return the value: in the JVM that shared it the original, elsewhere that process's copy; null if null was shared
     * @throws IllegalStateException if this has been closed
     * @throws java.io.UncheckedIOException if a task's process cannot have it: its host has no room for it, say
     * @throws UncheckedInterruptedException if the thread is interrupted while the process waits for it
     */
    T get();

    /**
     * Lets the pool forget the value, once the tasks are done that were submitted with it; another cannot be submitted. Closing
     * again does nothing; so does closing a task's copy. What is not closed is forgotten with the end of the pool.
     */
    @Override
    void close();
}
