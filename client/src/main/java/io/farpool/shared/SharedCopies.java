package io.farpool.shared;

import io.farpool.UncheckedInterruptedException;
import io.farpool.blob.BlobDigest;
import io.farpool.codec.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shared values of a worker process: each is asked of the daemon when a task first reads it, and decoded once, however many
 * threads read it, from a file that is read as a stream. Bounded by what the session shares: what that has released is forgotten.
 *
 * <p>Thread-safe.
 */
public final class SharedCopies {
    private static volatile @Nullable SharedCopies here;

    private final Consumer<BlobDigest> daemon;
    private final Map<BlobDigest, Copy> copies = new ConcurrentHashMap<>();
    private volatile @Nullable Codec codec;

    /** @param daemon is asked for the file that holds a value; it answers by {@link #arrived} or {@link #failed} */
    public SharedCopies(Consumer<BlobDigest> daemon) {
        this.daemon = daemon;
    }

    /** Makes these the ones of this JVM, which is a worker process. */
    public void areHere() {
        here = this;
    }

    /** Those of this JVM; null if it is no worker process. */
    static @Nullable SharedCopies here() {
        return here;
    }

    /** What values are decoded by. To be told before there is a task. */
    public void decodedBy(Codec decoder) {
        codec = decoder;
    }

    Copy of(BlobDigest digest) {
        return copies.computeIfAbsent(digest, Copy::new);
    }

    /** The value's file is on this host. */
    public void arrived(BlobDigest digest, Path file) {
        Copy copy = copies.get(digest);
        if (copy != null) {
            copy.answered(asked -> asked.complete(file));
        }
    }

    /** It cannot be had: whoever waits for it is told, and the next to read it asks again. */
    public void failed(BlobDigest digest, String message) {
        Copy copy = copies.get(digest);
        if (copy != null) {
            copy.answered(asked -> asked.completeExceptionally(new IOException(message)));
        }
    }

    /** No task that anybody waits for reads it any more. */
    public void forget(BlobDigest digest) {
        Copy copy = copies.remove(digest);
        if (copy != null) {
            copy.answered(asked -> asked.completeExceptionally(new IOException("it has been closed")));
        }
    }

    /** One value. */
    final class Copy {
        private final BlobDigest digest;
        /** Held by the one who asks and decodes. */
        private final ReentrantLock decoding = new ReentrantLock();

        private volatile @Nullable CompletableFuture<Path> asked;
        private volatile boolean decoded;
        private @Nullable Object value;

        Copy(BlobDigest digest) {
            this.digest = digest;
        }

        /**
         * The value, waited for if need be.
         *
         * @throws UncheckedIOException if it cannot be had
         * @throws UncheckedInterruptedException if the thread is interrupted meanwhile
         */
        @Nullable
        Object get() {
            if (decoded) {
                return value;
            }
            try {
                decoding.lockInterruptibly();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            try {
                if (!decoded) {
                    value = fetch();
                    decoded = true;
                }
                return value;
            } finally {
                decoding.unlock();
            }
        }

        private @Nullable Object fetch() {
            CompletableFuture<Path> answer = new CompletableFuture<>();
            asked = answer;
            try {
                // It may have been forgotten while a task that nobody waits for still had this. Another that has been
                // asked for since gets the answer, and never waits for this one, which is not in the map.
                Copy there = copies.putIfAbsent(digest, this);
                if (there != null && there != this) {
                    return there.get();
                }
                daemon.accept(digest);
                return decode(answer.get());
            } catch (InterruptedException e) {
                throw interrupted(e);
            } catch (ExecutionException e) {
                throw unavailable(e.getCause());
            } finally {
                asked = null;
            }
        }

        private @Nullable Object decode(Path file) {
            try {
                return Objects.requireNonNull(codec, "codec").decode(() -> open(file), digest.sizeBytes());
            } catch (IOException e) {
                throw unavailable(e);
            }
        }

        private InputStream open(Path file) throws IOException {
            long sizeBytes = Files.size(file);
            if (sizeBytes != digest.sizeBytes()) {
                throw new IOException(file + " has " + sizeBytes + " bytes, expected " + digest.sizeBytes());
            }
            return Files.newInputStream(file);
        }

        private UncheckedIOException unavailable(@Nullable Throwable cause) {
            IOException because = cause instanceof IOException io ? io : new IOException(cause);
            return new UncheckedIOException(
                    "the shared value of " + digest.sizeBytes() + " bytes cannot be had here: " + because.getMessage(),
                    because);
        }

        private UncheckedInterruptedException interrupted(InterruptedException e) {
            Thread.currentThread().interrupt();
            return new UncheckedInterruptedException(e);
        }

        private void answered(Consumer<CompletableFuture<Path>> answer) {
            CompletableFuture<Path> waiting = asked;
            if (waiting != null) {
                answer.accept(waiting);
            }
        }
    }
}
