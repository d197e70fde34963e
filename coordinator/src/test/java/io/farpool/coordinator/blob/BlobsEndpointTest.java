package io.farpool.coordinator.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.PassingStatus;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BlobsEndpointTest extends ServedBlobs {
    @Test
    void aBlobGoesUpIsFoundAndComesDown() throws Exception {
        for (int size : new int[] {0, 1, CHUNK_BYTES, 5 * CHUNK_BYTES + 17}) {
            byte[] content = bytes(size, size);
            BlobDigest digest = BlobDigest.ofBytes(content);
            FindMissingRequest question =
                    FindMissingRequest.newBuilder().addDigests(digest.toWire()).build();
            assertThat(blocking.findMissing(question).getMissingList()).containsExactly(digest.toWire());

            assertThat(put(digest, content).get().getAlreadyThere()).isFalse();

            assertThat(blocking.findMissing(question).getMissingList()).isEmpty();
            assertThat(get(digest)).isEqualTo(content);
        }
        await(() -> endpoint.transfersInProgress() == 0, "all transfers have ended");
    }

    @Test
    void aBlobThatIsThereNeedNotBeSentToItsEnd() throws Exception {
        byte[] content = bytes(1, 3 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();

        PutAnswer answer = new PutAnswer();
        async.put(answer)
                .onNext(PutRequest.newBuilder().setDigest(digest.toWire()).build());

        assertThat(answer.get().getAlreadyThere()).isTrue();
        await(() -> endpoint.transfersInProgress() == 0, "the upload has ended");
    }

    @Test
    void severalPutsOfOneBlobAllSucceed() throws Exception {
        byte[] content = bytes(2, 3 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        List<PutAnswer> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(put(digest, content));
        }
        int stored = 0;
        for (PutAnswer answer : answers) {
            stored += answer.get().getAlreadyThere() ? 0 : 1;
        }
        assertThat(stored).isEqualTo(1);
        assertThat(get(digest)).isEqualTo(content);
        await(() -> filesOnDisk().size() == 1, "one file is left");
    }

    @Test
    void bytesThatAreNotTheNamedOnesAreRefused() throws Exception {
        BlobDigest digest = BlobDigest.ofBytes(bytes(1, 5_000));

        Status other = put(digest, bytes(2, 5_000)).status();
        assertThat(other.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(other.getDescription()).contains(digest.hex());
        assertThat(put(digest, bytes(1, 4_999)).status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(put(digest, bytes(1, 5_001)).status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        assertNothingIsLeft();
    }

    @Test
    void malformedPutsAreRefused() throws Exception {
        byte[] content = bytes(1, 100);
        Digest digest = BlobDigest.ofBytes(content).toWire();
        Digest shortHash =
                digest.toBuilder().setSha256(ByteString.copyFrom(new byte[31])).build();
        byte[] tooLarge = new byte[CHUNK_BYTES + 1];

        assertRefused(
                "the first message of a Put carries the digest",
                PutRequest.newBuilder().setChunk(ByteString.copyFrom(content)).build());
        assertRefused("the first message of a Put carries the digest; none came");
        assertRefused("a digest's sha256 is 32 bytes, not 31", message(shortHash, content, 0, 10));
        assertRefused(
                "a chunk is at most 1048576 bytes, not 1048577",
                message(BlobDigest.ofBytes(tooLarge).toWire(), tooLarge, 0, tooLarge.length));
        assertRefused(
                "one Put stores one blob",
                message(digest, content, 0, 10),
                message(BlobDigest.ofBytes(tooLarge).toWire(), content, 10, 20));
        assertNothingIsLeft();
    }

    private void assertRefused(String reason, PutRequest... messages) {
        PutAnswer answer = new PutAnswer();
        StreamObserver<PutRequest> requests = async.put(answer);
        for (PutRequest message : messages) {
            requests.onNext(message);
        }
        requests.onCompleted();
        Status status = answer.status();
        assertThat(status.getDescription()).contains(reason);
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void anUploadThatIsBrokenOffLeavesNothing() throws Exception {
        byte[] content = bytes(1, 2 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        StreamObserver<PutRequest> requests = async.put(new PutAnswer());
        requests.onNext(message(digest.toWire(), content, 0, CHUNK_BYTES));
        await(() -> filesOnDisk().size() == 1, "the upload has begun");

        requests.onError(new IllegalStateException("the client goes away"));

        assertNothingIsLeft();
        // Nor is its room: all of the store's can be had.
        byte[] large = bytes(2, 63 << 20);
        assertThat(put(BlobDigest.ofBytes(large), large).get().getAlreadyThere())
                .isFalse();
    }

    @Test
    void aStoreFullOfPinnedBlobsIsExhausted() throws Exception {
        byte[] content = bytes(1, 40 << 20);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();
        assertThat(store.pin("session", List.of(digest))).isEmpty();

        Status status =
                put(BlobDigest.ofBytes(bytes(2, 30 << 20)), bytes(2, 30 << 20)).status();

        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("live sessions hold 41943040");
    }

    @Test
    void whatIsOnItsWayUpIsToBeAskedForAgain() throws Exception {
        byte[] content = bytes(1, 3 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        PutAnswer answer = new PutAnswer();
        StreamObserver<PutRequest> requests = async.put(answer);
        requests.onNext(message(digest.toWire(), content, 0, CHUNK_BYTES));
        await(() -> filesOnDisk().size() == 1, "the upload has begun");
        GetRequest get = GetRequest.newBuilder().setDigest(digest.toWire()).build();

        await(
                () -> {
                    try {
                        return blocking.get(get).hasNext();
                    } catch (StatusRuntimeException e) {
                        return e.getStatus().getCode() == Status.Code.UNAVAILABLE;
                    }
                },
                "it is known to be on its way");

        requests.onNext(message(digest.toWire(), content, CHUNK_BYTES, content.length - CHUNK_BYTES));
        requests.onNext(message(digest.toWire(), content, content.length - CHUNK_BYTES, content.length));
        requests.onCompleted();
        assertThat(answer.get().getAlreadyThere()).isFalse();
        assertThat(blocking.get(get)).toIterable().hasSize(12);
        assertThat(endpoint.received()).isEqualTo(1);
        assertThat(endpoint.receivedBytes()).isEqualTo(content.length);
        await(() -> endpoint.transfersInProgress() == 0, "all have ended");
        assertThat(put(digest, content).get().getAlreadyThere()).isTrue();
        assertThat(endpoint.received()).isEqualTo(1);
    }

    @Test
    void whatIsNotHereIsNotFound() {
        BlobDigest digest = BlobDigest.ofBytes(bytes(1, 10));
        assertThatThrownBy(() -> get(digest)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(e).hasMessageContaining(digest.hex());
        });
        assertThat(absent).containsExactly(digest);
        assertThatThrownBy(() -> blocking.get(GetRequest.getDefaultInstance()).hasNext())
                .hasMessageContaining("INVALID_ARGUMENT: a digest's sha256 is 32 bytes, not 0");
    }

    @Test
    void aDamagedBlobEndsInNotFoundAndIsMissingFromThenOn() throws Exception {
        byte[] content = bytes(1, 3 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();
        Path file = store.locate(digest).orElseThrow();
        content[2 * CHUNK_BYTES] ^= 1;
        Files.write(file, content);
        assertThat(absent).isEmpty();

        assertThatThrownBy(() -> get(digest))
                .hasMessageContaining("NOT_FOUND")
                .hasMessageContaining("was damaged on disk and has been discarded");
        assertThat(absent).containsExactly(digest);

        FindMissingRequest question =
                FindMissingRequest.newBuilder().addDigests(digest.toWire()).build();
        assertThat(blocking.findMissing(question).getMissingList()).containsExactly(digest.toWire());
    }

    @Test
    void aBlobThatTheDiskDoesNotGiveIsNotFoundAndAskedForElsewhere() throws Exception {
        byte[] content = bytes(1, 3 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();
        Path file = store.locate(digest).orElseThrow();
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/proc/self/mem"));

        assertThatThrownBy(() -> get(digest))
                .hasMessageContaining("NOT_FOUND")
                .hasMessageContaining("Input/output error");
        assertThat(absent).containsExactly(digest);
        assertThat(put(digest, content).get().getAlreadyThere()).isFalse();
        assertThat(get(digest)).isEqualTo(content);
    }

    @Test
    void aDiskThatFailsIsSaidNotToPass() throws Exception {
        byte[] content = bytes(1, 100);
        try (Stream<Path> incoming = Files.find(directory, 1, (path, attributes) -> path.endsWith("incoming"))) {
            Files.delete(incoming.findFirst().orElseThrow());
        }
        Status status = put(BlobDigest.ofBytes(content), content).status();
        assertThat(status.getCode()).isEqualTo(Status.Code.DATA_LOSS);
        assertThat(status.getDescription()).contains("cannot make a file for blob", directory.toString());
        assertThat(PassingStatus.includes(status.getCode())).isFalse();
    }

    @Test
    void aStoreThatIsClosedMayBeThereAgain() throws Exception {
        store.close();
        byte[] content = bytes(1, 100);
        BlobDigest digest = BlobDigest.ofBytes(content);
        assertThat(put(digest, content).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThatThrownBy(() -> get(digest)).hasMessageContaining("UNAVAILABLE");
        assertThatThrownBy(() -> blocking.findMissing(FindMissingRequest.newBuilder()
                        .addDigests(digest.toWire())
                        .build()))
                .hasMessageContaining("UNAVAILABLE");
    }

    @Test
    void findMissingTakesABoundedNumberOfDigests() {
        Digest digest = BlobDigest.ofBytes(bytes(1, 10)).toWire();
        FindMissingRequest most = FindMissingRequest.newBuilder()
                .addAllDigests(Collections.nCopies(4_096, digest))
                .build();
        assertThat(blocking.findMissing(most).getMissingList()).containsExactly(digest);
        assertThatThrownBy(() ->
                        blocking.findMissing(most.toBuilder().addDigests(digest).build()))
                .hasMessage("INVALID_ARGUMENT: FindMissing takes at most 4096 digests, not 4097");
        assertThatThrownBy(() -> blocking.findMissing(FindMissingRequest.newBuilder()
                        .addDigests(Digest.getDefaultInstance())
                        .build()))
                .hasMessageContaining("INVALID_ARGUMENT");
    }

    @Test
    void joinedDirectlyItWorksWithoutGrpcsObservers() throws Exception {
        byte[] content = bytes(1, 2 * CHUNK_BYTES + 5);
        BlobDigest digest = BlobDigest.ofBytes(content);
        PutAnswer answer = new PutAnswer();
        StreamObserver<PutRequest> requests = endpoint.put(answer);
        for (int from = 0; from < content.length; from += CHUNK_BYTES) {
            requests.onNext(message(digest.toWire(), content, from, Math.min(content.length, from + CHUNK_BYTES)));
        }
        requests.onCompleted();
        // Held until it was written: nothing is left to wait for.
        assertThat(answer.response).isDone();

        CompletableFuture<ByteString> down = new CompletableFuture<>();
        endpoint.get(GetRequest.newBuilder().setDigest(digest.toWire()).build(), new StreamObserver<>() {
            private ByteString all = ByteString.EMPTY;

            @Override
            public void onNext(GetResponse value) {
                all = all.concat(value.getChunk());
            }

            @Override
            public void onError(Throwable t) {
                down.completeExceptionally(t);
            }

            @Override
            public void onCompleted() {
                down.complete(all);
            }
        });
        assertThat(down.get(20, TimeUnit.SECONDS)).isEqualTo(ByteString.copyFrom(content));
    }
}
