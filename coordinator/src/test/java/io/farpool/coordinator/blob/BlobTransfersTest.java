package io.farpool.coordinator.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many transfers at once, and slow ones: what they may take of the coordinator. */
class BlobTransfersTest extends ServedBlobs {
    @Test
    void uploadsThatTheDiskIsTooSlowForAreRefusedBeyondTheirMemory() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        for (int thread = 0; thread < 2; thread++) {
            disk.execute(() -> assertThatCode(slow::await).doesNotThrowAnyException());
        }
        byte[] content = bytes(1, 4 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        List<PutAnswer> admitted = new ArrayList<>();
        List<Status> refused = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            PutAnswer answer = put(digest, content);
            if (answer.response.isDone()) {
                refused.add(answer.status());
            } else {
                admitted.add(answer);
            }
        }
        assertThat(admitted).hasSize(10);
        assertThat(refused).hasSize(190).allSatisfy(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).contains("may take", "at most 67108864");
        });
        assertThat(endpoint.transfersInProgress()).isEqualTo(10);
        byte[] small = bytes(2, 100);
        PutAnswer other = put(BlobDigest.ofBytes(small), small);
        assertThat(other.response).as("what takes little has room").isNotDone();

        slow.countDown();
        other.get();
        for (PutAnswer answer : admitted) {
            answer.get();
        }
        await(() -> endpoint.transfersInProgress() == 0, "all have ended");
        assertThat(put(digest, content).get().getAlreadyThere()).isTrue();
    }

    @Test
    void downloadsWhoseReceiversAreSlowAreRefusedBeyondTheirMemory() throws Exception {
        byte[] content = bytes(1, 4 * CHUNK_BYTES);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();
        List<SlowReceiver> admitted = new ArrayList<>();
        List<Status> refused = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            SlowReceiver receiver = new SlowReceiver();
            async.get(GetRequest.newBuilder().setDigest(digest.toWire()).build(), receiver);
            if (receiver.end.isDone()) {
                refused.add(receiver.end.join());
            } else {
                admitted.add(receiver);
            }
        }
        assertThat(admitted).hasSize(57);
        assertThat(refused).hasSize(143).allSatisfy(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).contains("may take", "at most 67108864");
        });
        assertThat(endpoint.transfersInProgress()).isEqualTo(57);
        byte[] upload = bytes(2, 4 * CHUNK_BYTES);
        assertThat(put(BlobDigest.ofBytes(upload), upload).get().getAlreadyThere())
                .as("downloads leave uploads alone")
                .isFalse();

        for (SlowReceiver receiver : admitted) {
            receiver.takeAll();
            assertThat(receiver.end.get(30, TimeUnit.SECONDS)).isEqualTo(Status.OK);
            assertThat(receiver.receivedBytes.get()).isEqualTo(content.length);
        }
        await(() -> endpoint.transfersInProgress() == 0, "all have ended");
        assertThat(get(digest)).isEqualTo(content);
    }

    /** Takes nothing until it is told to. */
    private static final class SlowReceiver implements ClientResponseObserver<GetRequest, GetResponse> {
        final CompletableFuture<Status> end = new CompletableFuture<>();
        final AtomicLong receivedBytes = new AtomicLong();
        private volatile ClientCallStreamObserver<GetRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<GetRequest> begun) {
            begun.disableAutoRequestWithInitial(0);
            call = begun;
        }

        void takeAll() {
            call.request(Integer.MAX_VALUE);
        }

        @Override
        public void onNext(GetResponse value) {
            receivedBytes.addAndGet(value.getChunk().size());
        }

        @Override
        public void onError(Throwable t) {
            end.complete(Status.fromThrowable(t));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }

    @Test
    void aSlowReceiverIsNotOverrunAndMayLeave() throws Exception {
        byte[] content = bytes(1, 40 << 20);
        BlobDigest digest = BlobDigest.ofBytes(content);
        put(digest, content).get();
        CountDownLatch first = new CountDownLatch(1);
        CompletableFuture<ClientCallStreamObserver<GetRequest>> receiver = new CompletableFuture<>();
        List<Integer> received = Collections.synchronizedList(new ArrayList<>());
        async.get(
                GetRequest.newBuilder().setDigest(digest.toWire()).build(),
                new ClientResponseObserver<GetRequest, GetResponse>() {
                    @Override
                    public void beforeStart(ClientCallStreamObserver<GetRequest> call) {
                        call.disableAutoRequestWithInitial(1);
                        receiver.complete(call);
                    }

                    @Override
                    public void onNext(GetResponse value) {
                        received.add(value.getChunk().size());
                        first.countDown();
                    }

                    @Override
                    public void onError(Throwable t) {}

                    @Override
                    public void onCompleted() {}
                });
        assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(received).hasSize(1);
        assertThat(endpoint.transfersInProgress()).isEqualTo(1);

        receiver.get().cancel("seen enough", null);

        await(() -> endpoint.transfersInProgress() == 0, "the download has ended");
        assertThat(received).hasSize(1);
    }
}
