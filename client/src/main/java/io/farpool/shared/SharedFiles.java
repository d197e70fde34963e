package io.farpool.shared;

import io.farpool.blob.BlobDigest;
import io.farpool.codec.Captures;
import io.farpool.codec.Codec;
import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of what one session shares, in a temporary directory that is made with the first of them. Bounded by the disk, and
 * by what the program keeps open.
 *
 * <p>Thread-safe.
 */
public final class SharedFiles {
    private static final Logger log = LoggerFactory.getLogger(SharedFiles.class);
    /** What of a value is in memory, serialized; the rest goes through a buffer of about this size. */
    private static final int BUFFER_BYTES = 1 << 16;

    private final Executor disk;
    /** Held while the directory is removed. */
    private final Object removal = new Object();

    // Guarded by this.
    /** Those of the same content have one file together, which is there as long as any of them is needed. */
    private final Map<BlobDigest, Set<SharedBytes>> all = new LinkedHashMap<>();

    private @Nullable TemporaryDirectory directory;
    private long lastNumber;
    private boolean closed;

    /** In {@link #close}, which removes files itself: nobody waits for the others that do, and the JVM may exit after it. */
    private volatile @Nullable Thread closing;

    /** @param disk runs what removes files */
    public SharedFiles(Executor disk) {
        this.disk = disk;
    }

    /**
     * Serializes a value into a file, of its own unless one with the same content is there. Its bytes are never all in memory, so only
     * the disk limits how many they are.
     *
     * @throws io.farpool.NotSerializableTaskException if it cannot be serialized
     * @throws UncheckedIOException if it cannot be written; the message names the file
     * @throws RejectedExecutionException if the session has ended
     */
    public SharedBytes write(Codec codec, @Nullable Object value) {
        return write(codec, value, type -> {});
    }

    /**
     * The same, and tells of the classes that the value's bytes name.
     *
     * @param named as {@link Codec#encode(Object, Consumer)} has it
     */
    public SharedBytes write(Codec codec, @Nullable Object value, Consumer<Class<?>> named) {
        Path file = newFile();
        Captures captures = new Captures();
        SharedBytes bytes = null;
        try {
            BlobDigest digest = captures.during(() -> serialize(codec, value, file, named));
            bytes = keep(digest, file, SharedBytes.in(captures));
            return bytes;
        } finally {
            if (bytes == null) {
                SharedBytes.in(captures).forEach(SharedBytes::release);
            }
            if (bytes == null || !bytes.file().equals(file)) {
                delete(file);
            }
        }
    }

    private synchronized SharedBytes keep(BlobDigest digest, Path file, List<SharedBytes> inner) {
        if (closed) {
            throw ended();
        }
        Set<SharedBytes> same = all.computeIfAbsent(digest, first -> new LinkedHashSet<>());
        Path theirs = same.isEmpty() ? file : same.iterator().next().file();
        SharedBytes bytes = new SharedBytes(this, digest, theirs, inner);
        same.add(bytes);
        return bytes;
    }

    /** Whether its file goes with it. */
    private synchronized boolean forget(SharedBytes bytes) {
        return all.computeIfPresent(bytes.digest(), (digest, same) -> {
                    same.remove(bytes);
                    return same.isEmpty() ? null : same;
                })
                == null;
    }

    private static BlobDigest serialize(Codec codec, @Nullable Object value, Path file, Consumer<Class<?>> named) {
        try (SharedWriter writer = new SharedWriter(file)) {
            byte[] few = codec.encode(value, BUFFER_BYTES, writer, named);
            if (few != null) {
                writer.begin().write(few);
            }
            return writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a shared value to " + file + ": " + e.getMessage(), e);
        }
    }

    private synchronized Path newFile() {
        if (closed) {
            throw ended();
        }
        TemporaryDirectory own = directory;
        if (own == null) {
            try {
                own = TemporaryDirectory.create(TemporaryDirectory.Kind.SHARED);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make a directory for shared values: " + e.getMessage(), e);
            }
            directory = own;
        }
        return own.path().resolve("value-" + ++lastNumber);
    }

    private static RejectedExecutionException ended() {
        return new RejectedExecutionException("the pool has ended, so it can share nothing");
    }

    /** Nobody needs it any more. */
    void remove(SharedBytes bytes) {
        boolean last = forget(bytes);
        inBackground(() -> {
            if (last) {
                delete(bytes.file());
            }
            removeDirectory(false);
        });
    }

    /** Once nothing more can be shared, and nobody needs what was; when this returns it has gone, whoever has removed it. */
    private void removeDirectory(boolean evenIfNeeded) {
        synchronized (removal) {
            TemporaryDirectory done;
            synchronized (this) {
                if (!closed || !(evenIfNeeded || all.isEmpty())) {
                    return;
                }
                done = directory;
                directory = null;
            }
            if (done != null) {
                done.close();
            }
        }
    }

    private void inBackground(Runnable removal) {
        if (closing == Thread.currentThread()) {
            removal.run();
            return;
        }
        try {
            disk.execute(removal);
        } catch (RejectedExecutionException ending) {
            removal.run();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("file={} deleted=false reason={}", file, e.toString());
        }
    }

    /**
     * The session has ended: nothing more can be shared. What tasks of other sessions still need goes with the last of them, what nobody
     * needs has gone when this returns.
     */
    public void close() {
        List<SharedBytes> left;
        synchronized (this) {
            closed = true;
            left = all.values().stream().flatMap(Set::stream).toList();
        }
        closing = Thread.currentThread();
        left.forEach(SharedBytes::expire);
        closing = null;
        removeDirectory(false);
    }

    /** This JVM exits: removes everything, needed or not. */
    public void removeNow() {
        synchronized (this) {
            closed = true;
        }
        removeDirectory(true);
    }
}
