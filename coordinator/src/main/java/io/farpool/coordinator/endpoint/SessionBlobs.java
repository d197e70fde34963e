package io.farpool.coordinator.endpoint;

import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.util.List;

/** What sessions need of the blob store: that what their bundle names, and what they share, is there and stays. Thread-safe. */
public interface SessionBlobs {
    /**
     * Looks whether blobs are there, and holds them: all, or none if one is missing. May read files, so it does not belong where
     * the sessions are known.
     *
     * @param holder whoever asks, until it {@linkplain #release releases} them; not a session
     * @return what is missing; empty if they are held
     * @throws IOException if the store cannot tell
     * @throws IllegalArgumentException if a digest is malformed
     */
    List<Digest> hold(String holder, List<Digest> digests) throws IOException;

    /** From here on the session holds what whoever asked has held for it until now. Does not read files. */
    void handOver(String holder, String sessionId);

    /** Keeps shared values for a session from here on, whether they are there or not. Does not read files. */
    void holdShared(String sessionId, List<Digest> digests);

    /** The session needs these shared values no more; others may. Does not read files. */
    void releaseShared(String sessionId, List<Digest> digests);

    /** How many blobs have been stored in all. */
    long received();

    /** Their bytes. */
    long receivedBytes();

    /** The session is over, or whoever asked needs what was held no more. Does not read files. */
    void release(String holder);
}
