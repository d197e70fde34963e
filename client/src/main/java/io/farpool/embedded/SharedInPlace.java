package io.farpool.embedded;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Digest;
import io.farpool.worker.process.SharedSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** What an embedded pool shares: its processes read the client's own files. Bounded by what is shared. Thread-safe. */
final class SharedInPlace implements SharedSource {
    private final Map<BlobDigest, Path> files = new ConcurrentHashMap<>();

    void add(BlobDigest digest, Path file) {
        files.put(digest, file);
    }

    @Override
    public CompletionStage<Path> shared(String sessionId, Digest digest, boolean keep) {
        Path file = files.get(BlobDigest.of(digest));
        return file != null
                ? CompletableFuture.completedFuture(file)
                : CompletableFuture.failedFuture(new IOException("it has been closed"));
    }

    @Override
    public void releaseShared(String sessionId, List<Digest> digests) {
        digests.forEach(digest -> files.remove(BlobDigest.of(digest)));
    }
}
