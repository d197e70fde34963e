package io.farpool.shared;

import io.farpool.Shared;
import io.farpool.blob.BlobDigest;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A shared value in the program that has shared it: the very object. A task that is serialized with this in it takes a
 * reference along, and holds the bytes until it is done.
 *
 * <p>Thread-safe.
 *
 * @param <T> the type of the value
 */
public final class SharedOriginal<T> implements Shared<T> {
    private static final long serialVersionUID = 1L;

    /**
     * What a reference that comes back stands for: an entry for each value that is open, of sessions that have not ended. There may be
     * several of the same content. The inner maps are never changed.
     */
    private static final Map<BlobDigest, Map<SharedBytes, WeakReference<Shared<?>>>> OPEN = new ConcurrentHashMap<>();

    private final transient SharedBytes bytes;
    private transient volatile @Nullable T value;
    private transient volatile boolean closed;

    /** @param bytes what the value is serialized as; this closes them */
    public SharedOriginal(T value, SharedBytes bytes) {
        this.value = value;
        this.bytes = bytes;
        OPEN.merge(bytes.digest(), Map.of(bytes, new WeakReference<>(this)), SharedOriginal::together);
    }

    private static <K, V> Map<K, V> together(Map<K, V> before, Map<K, V> added) {
        Map<K, V> together = new LinkedHashMap<>(before);
        together.putAll(added);
        return together;
    }

    /** Any that is open; the first of several. */
    static @Nullable Shared<?> find(BlobDigest digest) {
        for (WeakReference<Shared<?>> open : OPEN.getOrDefault(digest, Map.of()).values()) {
            Shared<?> original = open.get();
            if (original != null) {
                return original;
            }
        }
        return null;
    }

    static void forget(SharedBytes bytes) {
        OPEN.computeIfPresent(bytes.digest(), (digest, before) -> {
            Map<SharedBytes, WeakReference<Shared<?>>> others = new LinkedHashMap<>(before);
            others.remove(bytes);
            return others.isEmpty() ? null : others;
        });
    }

    @Override
    @SuppressWarnings("NullAway") // null if that was shared
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
        bytes.close();
    }

    private Object writeReplace() {
        bytes.capture();
        return SharedReference.to(bytes.digest());
    }

    @Override
    public String toString() {
        return "Shared[" + bytes.digest() + (closed ? ", closed" : "") + "]";
    }
}
