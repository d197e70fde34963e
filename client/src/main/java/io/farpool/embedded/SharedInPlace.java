package io.farpool.embedded;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Digest;
import io.farpool.worker.process.SharedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What an embedded pool shares: its processes read the client's own files. Bounded by what is shared. Thread-safe. */
final class SharedInPlace implements SharedSource {
    // Guarded by this.
    private final Map<BlobDigest, Path> files = new HashMap<>();
    /** Needed no more, it was said, and forgotten once their files have gone: the word may come after the same has been shared anew. */
    private final Set<BlobDigest> leaving = new HashSet<>();

    synchronized void add(BlobDigest digest, Path file) {
        files.put(digest, file);
    }

    @Override
    public synchronized CompletionStage<Path> shared(String sessionId, Digest digest, boolean keep) {
        Path file = files.get(BlobDigest.of(digest));
        return file != null && Files.exists(file)
                ? CompletableFuture.completedFuture(file)
                : CompletableFuture.failedFuture(new IOException("it has been closed"));
    }

    @Override
    public synchronized void releaseShared(String sessionId, List<Digest> digests) {
        digests.forEach(digest -> leaving.add(BlobDigest.of(digest)));
        leaving.removeIf(this::forgetIfRemoved);
    }

    private boolean forgetIfRemoved(BlobDigest digest) {
        Path file = files.get(digest);
        boolean removed = file == null || !Files.exists(file);
        if (removed) {
            files.remove(digest);
        }
        return removed;
    }
}
