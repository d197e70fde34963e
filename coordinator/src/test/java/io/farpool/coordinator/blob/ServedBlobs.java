package io.farpool.coordinator.blob;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint over a store in a directory, served by gRPC, and what its callers do. */
abstract class ServedBlobs {
    static final int CHUNK_BYTES = 1 << 20;

    @TempDir
    Path directory;

    /** Room for ten large uploads, and 57 large downloads, of one caller. */
    static final TransferMemory MEMORY = new TransferMemory(64L << 20, 1 << 20);

    final ExecutorService disk = Executors.newFixedThreadPool(2);
    final Queue<BlobDigest> absent = new ConcurrentLinkedQueue<>();
    BlobStore store;
    BlobsEndpoint endpoint;
    Server server;
    ManagedChannel channel;
    BlobsGrpc.BlobsBlockingStub blocking;
    BlobsGrpc.BlobsStub async;

    @BeforeEach
    void serve() throws IOException {
        store = BlobStore.open(directory, 64L << 20);
        endpoint = new BlobsEndpoint(store, MEMORY, disk, absent::add);
        server = InProcessServerBuilder.forName("blobs")
                .directExecutor()
                .addService(endpoint)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("blobs").directExecutor().build();
        blocking = BlobsGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
        async = BlobsGrpc.newStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        disk.shutdown();
        assertThat(disk.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        store.close();
    }

    static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not: %s", what).isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    /** The answer to one Put: what came, or the status it ended with. */
    static final class PutAnswer implements StreamObserver<PutResponse> {
        final CompletableFuture<PutResponse> response = new CompletableFuture<>();

        @Override
        public void onNext(PutResponse value) {
            response.complete(value);
        }

        @Override
        public void onError(Throwable t) {
            response.completeExceptionally(t);
        }

        @Override
        public void onCompleted() {}

        PutResponse get() throws Exception {
            return response.get(30, TimeUnit.SECONDS);
        }

        Status status() {
            assertThat(response).failsWithin(Duration.ofSeconds(30));
            return Status.fromThrowable(response.handle((r, t) -> t).join());
        }
    }

    static PutRequest message(Digest digest, byte[] content, int from, int to) {
        return PutRequest.newBuilder()
                .setDigest(digest)
                .setChunk(ByteString.copyFrom(content, from, to - from))
                .build();
    }

    PutAnswer put(BlobDigest digest, byte[] content) {
        PutAnswer answer = new PutAnswer();
        StreamObserver<PutRequest> requests = async.put(answer);
        for (int from = 0; from == 0 || from < content.length; from += CHUNK_BYTES) {
            int to = Math.min(content.length, from + CHUNK_BYTES);
            requests.onNext(message(digest.toWire(), content, from, to));
        }
        requests.onCompleted();
        return answer;
    }

    byte[] get(BlobDigest digest) {
        Iterator<GetResponse> chunks =
                blocking.get(GetRequest.newBuilder().setDigest(digest.toWire()).build());
        ByteString all = ByteString.EMPTY;
        while (chunks.hasNext()) {
            ByteString chunk = chunks.next().getChunk();
            assertThat(chunk.size()).isLessThanOrEqualTo(CHUNK_BYTES);
            all = all.concat(chunk);
        }
        return all.toByteArray();
    }

    List<Path> filesOnDisk() {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("lock"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void assertNothingIsLeft() throws InterruptedException {
        await(() -> endpoint.transfersInProgress() == 0, "all transfers have ended");
        await(() -> filesOnDisk().isEmpty(), "no file is left");
    }
}
