package io.farpool.embedded;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Digest;
import io.farpool.worker.process.SharedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an embedded pool shares: its processes read the client's own files. Bounded by what is shared: a file that has been removed is
 * forgotten when another is added or released. Not by its digest, as the word that a value is needed no more may come after one of the
 * same content has been shared anew. Thread-safe.
 */
final class SharedInPlace implements SharedSource {
    private final Map<BlobDigest, Path> files = new ConcurrentHashMap<>();

    void add(BlobDigest digest, Path file) {
        forgetRemoved();
        files.put(digest, file);
    }

    @Override
    public CompletionStage<Path> shared(String sessionId, Digest digest, boolean keep) {
        Path file = files.get(BlobDigest.of(digest));
        return file != null && Files.exists(file)
                ? CompletableFuture.completedFuture(file)
                : CompletableFuture.failedFuture(new IOException("it has been closed"));
    }

    @Override
    public void releaseShared(String sessionId, List<Digest> digests) {
        forgetRemoved();
    }

    private void forgetRemoved() {
        files.values().removeIf(file -> !Files.exists(file));
    }
}
