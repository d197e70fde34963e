package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More blobs on their way at once than a coordinator has memory for, which exits if it runs out of it. */
@Timeout(300)
class ManyBlobsIT {
    private static final int CONNECTIONS = 8;
    private static final int BLOBS = 200;
    private static final int PIECES = 4;
    private static final int PIECE_BYTES = 256 << 10;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** So that what its receiver does not take waits at the coordinator. */
    private static final int RECEIVER_WINDOW_BYTES = 1 << 16;

    @TempDir
    Path temporaryDirectory;

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ByteString piece = piece();
    private final AtomicInteger refused = new AtomicInteger();

    @Test
    @DisplayName("200 blobs up at once, and then down at once, through a coordinator with a heap of 48 MiB")
    void allArrive() throws Exception {
        try (TestCluster cluster = new TestCluster(temporaryDirectory, 600_000, "-Xmx48m")) {
            for (int i = 0; i < CONNECTIONS; i++) {
                channels.add(NettyChannelBuilder.forTarget(cluster.address())
                        .flowControlWindow(RECEIVER_WINDOW_BYTES)
                        .usePlaintext()
                        .build());
            }
            List<Put> up = new ArrayList<>();
            for (int number = 0; number < BLOBS; number++) {
                up.add(new Put(number));
            }
            // All at once: digesting one takes as long as to send one before.
            up.forEach(Put::start);
            for (Put put : up) {
                put.end.get(120, TimeUnit.SECONDS);
            }
            assertThat(refused.getAndSet(0)).as("refused on their way up").isPositive();

            List<Get> down = new ArrayList<>();
            for (int number = 0; number < BLOBS; number++) {
                Get get = new Get(number);
                get.start();
                down.add(get);
            }
            down.forEach(Get::takeAll);
            for (Get get : down) {
                get.end.get(120, TimeUnit.SECONDS);
            }
            assertThat(refused.get()).as("refused on their way down").isPositive();
            cluster.assertNeverOutOfMemory();
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private static ByteString piece() {
        byte[] bytes = new byte[PIECE_BYTES];
        new Random(1).nextBytes(bytes);
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    /** A blob is its number, and the same after it. */
    private ByteString content(int number) {
        ByteString content = UnsafeByteOperations.unsafeWrap(
                ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
        for (int i = 0; i < PIECES; i++) {
            content = content.concat(piece);
        }
        return content;
    }

    private BlobsGrpc.BlobsStub blobs(int number) {
        return BlobsGrpc.newStub(channels.get(number % CONNECTIONS));
    }

    /** One blob on its way, tried again until it has arrived. */
    private abstract class Transfer<Q, A> implements ClientResponseObserver<Q, A> {
        final CompletableFuture<Void> end = new CompletableFuture<>();
        final int number;
        final BlobDigest digest;
        private long pauseMillis = FIRST_PAUSE_MILLIS;

        Transfer(int number) {
            this.number = number;
            digest = BlobDigest.ofBytes(content(number).toByteArray());
        }

        abstract void start();

        @Override
        public void onError(Throwable thrown) {
            if (Status.fromThrowable(thrown).getCode() == Status.Code.UNAVAILABLE) {
                refused.incrementAndGet();
                CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS)
                        .execute(this::start);
                pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
            } else {
                end.completeExceptionally(thrown);
            }
        }
    }

    private final class Put extends Transfer<PutRequest, PutResponse> {
        private int sentPieces;

        Put(int number) {
            super(number);
        }

        @Override
        void start() {
            sentPieces = -1;
            blobs(number).put(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<PutRequest> call) {
            call.setOnReadyHandler(() -> send(call));
        }

        private void send(ClientCallStreamObserver<PutRequest> call) {
            while (call.isReady() && sentPieces <= PIECES) {
                if (sentPieces == PIECES) {
                    call.onCompleted();
                } else if (sentPieces < 0) {
                    call.onNext(PutRequest.newBuilder()
                            .setDigest(digest.toWire())
                            .setChunk(content(number).substring(0, Integer.BYTES))
                            .build());
                } else {
                    call.onNext(PutRequest.newBuilder().setChunk(piece).build());
                }
                sentPieces++;
            }
        }

        @Override
        public void onNext(PutResponse response) {}

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }

    /** Takes nothing until it is told to. */
    private final class Get extends Transfer<GetRequest, GetResponse> {
        private ByteString received = ByteString.EMPTY;
        private ClientCallStreamObserver<GetRequest> call;
        private boolean taking;

        Get(int number) {
            super(number);
        }

        @Override
        void start() {
            received = ByteString.EMPTY;
            blobs(number).get(GetRequest.newBuilder().setDigest(digest.toWire()).build(), this);
        }

        @Override
        public synchronized void beforeStart(ClientCallStreamObserver<GetRequest> begun) {
            begun.disableAutoRequestWithInitial(taking ? Integer.MAX_VALUE : 0);
            call = begun;
        }

        synchronized void takeAll() {
            taking = true;
            call.request(Integer.MAX_VALUE);
        }

        @Override
        public void onNext(GetResponse response) {
            received = received.concat(response.getChunk());
        }

        @Override
        public void onCompleted() {
            if (received.equals(content(number))) {
                end.complete(null);
            } else {
                end.completeExceptionally(
                        new AssertionError("blob " + number + " came with " + received.size() + " bytes"));
            }
        }
    }
}
