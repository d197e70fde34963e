package io.farpool.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What sessions hold in the coordinator's store. */
class BlobsTest {
    private static final BlobDigest BLOB = BlobDigest.ofBytes(new byte[] {1, 2, 3});
    private static final List<Digest> SHARED = List.of(BLOB.toWire());

    @TempDir
    Path directory;

    private final List<Digest> wanted = new ArrayList<>();

    @Test
    void aSharedValueIsHeldUntilItIsReleasedOrItsSessionEnds() throws Exception {
        try (Blobs blobs = new Blobs(
                directory, 1L << 20, CoordinatorSettings.defaults().blobMemory(), Runnable::run, wanted::add)) {
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
        try (Blobs blobs = new Blobs(
                directory, 1L << 20, CoordinatorSettings.defaults().blobMemory(), Runnable::run, wanted::add)) {
            blobs.holdShared("a", SHARED);
            blobs.releaseShared("a", SHARED);
            blobs.release("a");
            assertThat(directory).isEmptyDirectory();
            assertThat(blobs.received()).isZero();
        }
    }

    @Test
    void whatSomebodyAsksForIsWantedIfASessionHoldsItAndItIsNotHere() {
        try (Blobs blobs = new Blobs(
                directory, 1L << 20, CoordinatorSettings.defaults().blobMemory(), Runnable::run, wanted::add)) {
            blobs.get(GetRequest.newBuilder().setDigest(BLOB.toWire()).build(), new Received<>());
            assertThat(wanted).as("what nobody holds").isEmpty();
            blobs.holdShared("a", SHARED);
            blobs.get(GetRequest.newBuilder().setDigest(BLOB.toWire()).build(), new Received<>());
            assertThat(wanted).isEqualTo(SHARED);
            StreamObserver<PutRequest> put = blobs.put(new Received<>());
            put.onNext(PutRequest.newBuilder()
                    .setDigest(BLOB.toWire())
                    .setChunk(ByteString.copyFrom(new byte[] {1, 2, 3}))
                    .build());
            blobs.get(GetRequest.newBuilder().setDigest(BLOB.toWire()).build(), new Received<>());
            put.onCompleted();
            Received<GetResponse> got = new Received<>();
            blobs.get(GetRequest.newBuilder().setDigest(BLOB.toWire()).build(), got);
            assertThat(got.messages()).hasSize(1);
            assertThat(wanted)
                    .as("not what is on its way here, nor what is here")
                    .hasSize(1);
        }
    }
}
