package io.farpool.worker.process;

import io.farpool.proto.v1.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Makes the values that a session shares available on this host, as files. Thread-safe; nothing here waits. */
public interface SharedSource {
    /** Has none. */
    SharedSource NONE = new SharedSource() {
        @Override
        public CompletionStage<Path> shared(String sessionId, Digest digest, boolean keep) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("this host has no place for shared values"));
        }

        @Override
        public void releaseShared(String sessionId, List<Digest> digests) {}
    };

    /**
     * Finds or fetches one, for a session whose class path is here. Asked for by several at once it is fetched once.
     *
     * @param keep the file until it or the session's class path is released; else it stays as long as opening it may take, and then
     *     while there is room
     * @return an absolute path; or, within a bounded time, an exception whose message says why it cannot be had
     */
    CompletionStage<Path> shared(String sessionId, Digest digest, boolean keep);

    /** No task of the session needs these any more. */
    void releaseShared(String sessionId, List<Digest> digests);

    /** How many blobs have been fetched for whatever session, shared values or not. */
    default long fetched() {
        return 0;
    }

    /** Their bytes. */
    default long fetchedBytes() {
        return 0;
    }
}
