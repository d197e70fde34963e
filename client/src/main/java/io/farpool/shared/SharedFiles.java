package io.farpool.shared;

import io.farpool.blob.BlobDigest;
import io.farpool.temporary.TemporaryDirectory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
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
    private static final int BUFFER_BYTES = 1 << 16;

    /** Serializes a value. */
    public interface Writing {
        void writeTo(OutputStream out) throws IOException;
    }

    private final Executor disk;

    // Guarded by this.
    private final Set<SharedBytes> all = new LinkedHashSet<>();
    private @Nullable TemporaryDirectory directory;
    private long lastNumber;
    private boolean closed;

    /** @param disk runs what removes files */
    public SharedFiles(Executor disk) {
        this.disk = disk;
    }

    /**
     * Writes a value into a file of its own.
     *
     * @param inner tells, once it is written, what it refers to; this releases them when it has gone
     * @throws IOException when it cannot be written; the message names the directory
     * @throws RejectedExecutionException when the session has ended
     */
    public SharedBytes write(Writing value, Supplier<List<SharedBytes>> inner) throws IOException {
        Path file = newFile();
        boolean kept = false;
        try {
            MessageDigest sha256 = BlobDigest.sha256();
            try (OutputStream out = new BufferedOutputStream(
                    new DigestOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), sha256),
                    BUFFER_BYTES)) {
                value.writeTo(out);
            }
            BlobDigest digest = BlobDigest.of(sha256.digest(), Files.size(file));
            SharedBytes bytes = new SharedBytes(this, digest, file, inner.get());
            synchronized (this) {
                if (closed) {
                    throw ended();
                }
                all.add(bytes);
            }
            kept = true;
            return bytes;
        } catch (IOException e) {
            throw new IOException("cannot write a shared value to " + file + ": " + e.getMessage(), e);
        } finally {
            if (!kept) {
                delete(file);
            }
        }
    }

    private synchronized Path newFile() throws IOException {
        if (closed) {
            throw ended();
        }
        TemporaryDirectory own = directory;
        if (own == null) {
            own = TemporaryDirectory.create(TemporaryDirectory.Kind.SHARED);
            directory = own;
        }
        return own.path().resolve("value-" + ++lastNumber);
    }

    private static RejectedExecutionException ended() {
        return new RejectedExecutionException("the pool has ended, so it can share nothing");
    }

    /** Nobody needs it any more. */
    void remove(SharedBytes bytes) {
        TemporaryDirectory emptied;
        synchronized (this) {
            all.remove(bytes);
            emptied = takeIfDone();
        }
        inBackground(() -> {
            delete(bytes.file());
            if (emptied != null) {
                emptied.close();
            }
        });
    }

    private synchronized @Nullable TemporaryDirectory takeIfDone() {
        if (!closed || !all.isEmpty()) {
            return null;
        }
        TemporaryDirectory done = directory;
        directory = null;
        return done;
    }

    private void inBackground(Runnable removal) {
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

    /** The session has ended: nothing more can be shared. What tasks of other sessions still need goes with the last of them. */
    public void close() {
        List<SharedBytes> left;
        TemporaryDirectory unused;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(all);
            unused = takeIfDone();
        }
        left.forEach(SharedBytes::expire);
        if (unused != null) {
            inBackground(unused::close);
        }
    }

    /** This JVM exits: removes everything, needed or not. */
    public void removeNow() {
        TemporaryDirectory gone;
        synchronized (this) {
            closed = true;
            gone = directory;
            directory = null;
        }
        if (gone != null) {
            gone.close();
        }
    }
}
