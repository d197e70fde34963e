package io.farpool.shared;

import io.farpool.blob.BlobDigest;
import io.farpool.codec.Captures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * A shared value at the client, serialized, in a file: there for as long as its {@link SharedOriginal} is open, or a task that
 * captured it is pending in whatever session, or another shared value that refers to it is there.
 *
 * <p>Thread-safe.
 */
public final class SharedBytes {
    /** Is told that nobody needs a value any more. */
    public interface Listener {
        /** Its file is about to be removed. Must not block. */
        void sharedFree(SharedBytes bytes);
    }

    private final SharedFiles home;
    private final BlobDigest digest;
    private final Path file;
    private final List<SharedBytes> inner;

    // Guarded by this.
    private boolean open = true;
    private boolean expired;
    /** The original while it is open, tasks, and values that refer to this. */
    private int holders = 1;

    private final Set<Listener> listeners = Collections.newSetFromMap(new WeakHashMap<>());

    /** @param inner what the value itself refers to, each held once for this */
    SharedBytes(SharedFiles home, BlobDigest digest, Path file, List<SharedBytes> inner) {
        this.home = home;
        this.digest = digest;
        this.file = file;
        this.inner = inner;
    }

    public BlobDigest digest() {
        return digest;
    }

    public Path file() {
        return file;
    }

    /** What was captured while something was serialized; each is held, and has to be {@linkplain #release released}. */
    public static List<SharedBytes> in(Captures captures) {
        List<Object> noted = captures.noted();
        if (noted.isEmpty()) {
            return List.of();
        }
        List<SharedBytes> captured = new ArrayList<>(noted.size());
        for (Object one : noted) {
            captured.add((SharedBytes) one);
        }
        return captured;
    }

    /**
     * Its original is being serialized. Whoever has that done holds this, and what this refers to, from here on.
     *
     * @throws IllegalStateException if it has been closed
     */
    void capture() {
        synchronized (this) {
            if (!open) {
                throw new IllegalStateException(
                        expired
                                ? "the pool that shared this value has ended: share it with the pool that is to run the task"
                                : "this shared value has been closed, so no new task can use it");
            }
            holders++;
        }
        noteOrRelease();
    }

    private void noteOrRelease() {
        if (!Captures.note(this)) {
            release();
            return;
        }
        for (SharedBytes refersTo : inner) {
            synchronized (refersTo) {
                refersTo.holders++; // it is there, as this holds it, though perhaps closed
            }
            refersTo.noteOrRelease();
        }
    }

    /** This is to be told when nobody needs it any more. Not kept for that alone. */
    public synchronized void tell(Listener listener) {
        listeners.add(listener);
    }

    /** One that held it does so no more. */
    public void release() {
        List<Listener> toTell;
        synchronized (this) {
            if (--holders > 0) {
                return;
            }
            toTell = new ArrayList<>(listeners);
            listeners.clear();
        }
        toTell.forEach(listener -> listener.sharedFree(this));
        home.remove(this);
        inner.forEach(SharedBytes::release);
    }

    /** Its original is closed. */
    void close() {
        end(false);
    }

    /** Its session has ended. */
    void expire() {
        end(true);
    }

    private void end(boolean withItsSession) {
        synchronized (this) {
            if (!open) {
                return;
            }
            open = false;
            expired = withItsSession;
        }
        SharedOriginal.forget(this);
        release();
    }
}
