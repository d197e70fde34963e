package io.farpool.process;

import io.farpool.Shared;
import io.farpool.codec.Codec;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A shared value of a process pool: serialized once, and decoded once in each worker process, however many tasks use it. Its
 * bytes travel with each task that captures it.
 */
public final class SharedCopy<T> implements Shared<T> {
    private static final long serialVersionUID = 1L;

    /** What has been decoded in this process, by id. A process lives no longer than its session, which bounds it. */
    private static final Map<String, Optional<Object>> DECODED = new ConcurrentHashMap<>();

    private final String id;
    private final byte[] encoded;
    private transient volatile @Nullable T original;
    private transient volatile boolean isOriginal;
    private transient volatile boolean closed;

    private SharedCopy(T value, byte[] encoded) {
        this.id = UUID.randomUUID().toString();
        this.encoded = encoded;
        this.original = value;
        this.isOriginal = true;
    }

    /**
     * Shares a value.
     *
     * @param encoded its bytes
     */
    public static <T> SharedCopy<T> of(T value, byte[] encoded) {
        return new SharedCopy<>(value, encoded);
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // what was encoded was a T
    public T get() {
        if (closed) {
            throw new IllegalStateException("this shared value has been closed");
        }
        if (isOriginal) {
            return original;
        }
        return (T) DECODED.computeIfAbsent(id, first -> Optional.ofNullable(new Codec().decode(encoded)))
                .orElse(null);
    }

    @Override
    public void close() {
        if (isOriginal) {
            closed = true;
            original = null;
        }
    }
}
