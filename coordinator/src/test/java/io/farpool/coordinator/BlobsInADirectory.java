package io.farpool.coordinator;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.blob.BlobWriter;
import io.farpool.coordinator.endpoint.SessionBlobs;
import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A coordinator's blobs, for tests of who holds them. */
public final class BlobsInADirectory implements AutoCloseable {
    private final Blobs blobs;
    private final BlobStore store;

    public BlobsInADirectory(Path directory) throws IOException {
        blobs = new Blobs(
                directory, 1L << 20, CoordinatorSettings.defaults().blobMemory(), Runnable::run, wanted -> {});
        store = blobs.open();
    }

    public SessionBlobs forSessions() {
        return blobs;
    }

    /** Stores one that nobody holds. */
    public Digest store(byte... content) throws IOException {
        BlobDigest digest = BlobDigest.ofBytes(content);
        try (BlobWriter writer = store.write(digest, "blob")) {
            writer.append(ByteBuffer.wrap(content));
            writer.commit();
        }
        return digest.toWire();
    }

    public boolean isHeld(Digest digest) {
        return store.isPinned(BlobDigest.of(digest));
    }

    @Override
    public void close() {
        blobs.close();
    }
}
