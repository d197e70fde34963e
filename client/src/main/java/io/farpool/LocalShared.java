package io.farpool;

import org.jspecify.annotations.Nullable;

/**
 * A value shared with threads of this JVM: the very object.
 *
 * @param <T> the type of the value
 */
final class LocalShared<T> implements Shared<T> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // Only a value that can be serialized takes this with it, which no thread pool needs.
    private volatile @Nullable T value;

    private volatile boolean closed;

    LocalShared(T value) {
        this.value = value;
    }

    @Override
    @SuppressWarnings("NullAway")
    public T get() {
        T current = value;
        if (closed) {
            throw new IllegalStateException("this shared value has been closed");
        }
        return current;
    }

    @Override
    public void close() {
        closed = true;
        value = null;
    }
}
