package io.farpool.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.Digest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What sessions hold in the coordinator's store. */
class BlobsTest {
    private static final BlobDigest BLOB = BlobDigest.ofBytes(new byte[] {1, 2, 3});
    private static final List<Digest> SHARED = List.of(BLOB.toWire());

    @TempDir
    Path directory;

    @Test
    void aSharedValueIsHeldUntilItIsReleasedOrItsSessionEnds() throws Exception {
        try (Blobs blobs = new Blobs(directory, 1L << 20, Runnable::run)) {
            BlobStore store = blobs.open();
            blobs.holdShared("a", SHARED);
            blobs.holdShared("b", SHARED);
            assertThat(store.isPinned(BLOB)).isTrue();
            blobs.releaseShared("a", SHARED);
            assertThat(store.isPinned(BLOB)).isTrue();
            blobs.release("b");
            assertThat(store.isPinned(BLOB)).isFalse();
        }
    }

    @Test
    void whatAnEmbeddedPoolSharesOpensNoStore() {
        try (Blobs blobs = new Blobs(directory, 1L << 20, Runnable::run)) {
            blobs.holdShared("a", SHARED);
            blobs.releaseShared("a", SHARED);
            blobs.release("a");
            assertThat(directory).isEmptyDirectory();
            assertThat(blobs.received()).isZero();
        }
    }
}
