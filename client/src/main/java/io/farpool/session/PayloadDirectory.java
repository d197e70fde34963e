package io.farpool.session;

import io.farpool.codec.PayloadCodec;
import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a session keeps its large payloads: those of pending tasks, and those of outcomes until they have been decoded. The
 * directory is made under the JVM's temporary directory when it is first needed, and removed with its last file once the session
 * has ended. Thread-safe. What it holds is bounded by the disk and, of outcomes, by {@link Receipts}.
 */
public final class PayloadDirectory implements PayloadCodec.Place {
    private static final Logger log = LoggerFactory.getLogger(PayloadDirectory.class);

    private final Set<Path> files = new HashSet<>();
    private @Nullable TemporaryDirectory directory;
    private long made;
    private boolean ended;
    private boolean closed;

    @Override
    public synchronized Path newFile() throws IOException {
        if (closed) {
            throw new IOException("the JVM exits");
        }
        TemporaryDirectory in = directory;
        if (in == null) {
            in = TemporaryDirectory.create(TemporaryDirectory.Kind.PAYLOADS);
            directory = in;
        }
        Path file = in.path().resolve("payload-" + ++made);
        files.add(file);
        return file;
    }

    @Override
    public void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("event=payload-not-removed file={} reason=\"{}\"", file, e.toString());
        }
        forget(file);
    }

    private synchronized void forget(Path file) {
        files.remove(file);
        removeIfOver();
    }

    /** A file that may be needed until the JVM exits is then removed, if it still is there. */
    public synchronized void keepUntilExit(Path file) {
        if (directory != null && files.contains(file)) {
            directory.deleteOnExit();
            file.toFile().deleteOnExit(); // before the directory: the order is the reverse
        }
    }

    /** The session has ended: the directory goes with its last file. */
    synchronized void end() {
        ended = true;
        removeIfOver();
    }

    /** Removes it with all that is in it: the JVM exits. */
    synchronized void close() {
        closed = true;
        removeNow();
    }

    private void removeIfOver() {
        if (ended && files.isEmpty()) {
            removeNow();
        }
    }

    private void removeNow() {
        if (directory != null) {
            directory.close();
            directory = null;
            files.clear();
        }
    }
}
