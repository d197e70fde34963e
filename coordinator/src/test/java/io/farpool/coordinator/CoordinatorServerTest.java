package io.farpool.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.coordinator.blob.TransferMemory;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.payload.PayloadDispatch;
import io.farpool.payload.PayloadFile;
import io.farpool.payload.PayloadReceipt;
import io.farpool.payload.PayloadWriter;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.Protocol;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The coordinator behind a real port. */
@Timeout(120)
class CoordinatorServerTest {
    /** Its hosts say nothing between what they do, however long that takes here. */
    private static final CoordinatorSettings ANY_PORT = CoordinatorSettings.defaults()
            .withPort(0)
            .withScheduling(SchedulerSettings.defaults().withLeases(120_000, 10_000, 30_000));

    @TempDir
    Path directory;

    private final ExecutorService disk = Executors.newFixedThreadPool(2);
    private CoordinatorServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = CoordinatorServer.start(ANY_PORT.withDataDirectory(directory.resolve("blobs")));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow();
        assertThat(channel.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        server.shutdown(Duration.ofSeconds(5));
        server.awaitTermination();
        disk.shutdown();
        assertThat(disk.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void itDescribesItselfSaysItServesAndFindsBlobsMissing() {
        DescribeResponse description =
                ClusterGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
        assertThat(description.getEpoch()).isNotZero();
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(BlobsGrpc.newBlockingStub(channel)
                        .findMissing(FindMissingRequest.getDefaultInstance())
                        .getMissingCount())
                .isZero();
        assertThat(Files.isDirectory(directory.resolve("blobs"))).isTrue();
    }

    @Test
    void tasksGoThroughFromEndToEnd() throws InterruptedException {
        TestSession draft = new TestSession('c', 0);
        OpenResponse opened =
                PoolGrpc.newBlockingStub(channel).open(draft.open().build());
        TestSession session = draft.in(opened.getEpoch());
        EchoHost host = EchoHost.attach(HostsGrpc.newStub(channel)::attach, "h", 4);
        Received<CompletionsResponse> completions = new Received<>();
        PoolGrpc.newStub(channel).completions(session.completions(0), completions);
        Received<SubmitResponse> end = new Received<>();
        StreamObserver<SubmitRequest> submit = PoolGrpc.newStub(channel).submit(end);
        submit.onNext(session.first()
                .addAllTasks(LongStream.rangeClosed(1, 5_000)
                        .mapToObj(TestSession::task)
                        .toList())
                .build());
        List<Completion> done = TestSession.completions(completions.await(
                "5,000 completions", all -> TestSession.completions(all).size() == 5_000));
        assertThat(done).extracting(Completion::getSequence).doesNotHaveDuplicates();
        assertThat(host.runs()).hasSize(5_000);
        submit.onNext(SubmitRequest.newBuilder()
                .setAcknowledged(5_000)
                .setWhenDone(true)
                .build());
        assertThat(completions.awaitEnd()).isEqualTo(Status.OK);
        assertThat(end.awaitEnd()).isEqualTo(Status.OK);
    }

    @Test
    void aLargeResultFlowsFromItsHostToItsClient() throws Exception {
        TestSession draft = new TestSession('c', 0);
        OpenResponse opened =
                PoolGrpc.newBlockingStub(channel).open(draft.open().build());
        TestSession session = draft.in(opened.getEpoch());
        Received<CompletionsResponse> completions = new Received<>();
        PoolGrpc.newStub(channel).completions(session.completions(0), completions);
        StreamObserver<SubmitRequest> submit = PoolGrpc.newStub(channel).submit(new Received<>());
        PayloadFile result = file(40 << 20);
        // The host's outcome is its task's payload.
        EchoHost host = EchoHost.attach(HostsGrpc.newStub(channel)::attach, "h", 1);
        submit.onNext(session.first()
                .addTasks(TestSession.task(1).toBuilder()
                        .setPayload(Payload.newBuilder().setReference(result.elsewhere())))
                .build());
        OutcomeOffer offer =
                completions.await("an offer", all -> all.stream().anyMatch(one -> one.getOffersCount() > 0)).stream()
                        .flatMap(one -> one.getOffersList().stream())
                        .findFirst()
                        .orElseThrow();
        ReceiveRequest request = ReceiveRequest.newBuilder()
                .setSessionId(session.id())
                .setSequence(1)
                .setResult(ReceiveRequest.Result.newBuilder()
                        .setSecret(session.first().getSecret())
                        .setEpoch(opened.getEpoch())
                        .setAttempt(offer.getAttempt()))
                .build();
        CompletableFuture<PayloadFile> arrived = new PayloadReceipt(
                        request, offer.getOutcome().getResult().getReference(), directory.resolve("arrived"), disk)
                .start(PayloadsGrpc.newStub(channel));
        PayloadWanted wanted = host
                .await("what is wanted", orders -> orders.stream()
                        .anyMatch(order -> order.getPayloadsWantedCount() > 0))
                .stream()
                .flatMap(order -> order.getPayloadsWantedList().stream())
                .findFirst()
                .orElseThrow();
        CompletableFuture<Long> sent =
                new PayloadDispatch(wanted.getTransfer(), result, disk).start(PayloadsGrpc.newStub(channel));
        assertThat(arrived).succeedsWithin(Duration.ofSeconds(60));
        assertThat(sent).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(result.sizeBytes());
        assertThat(Files.mismatch(result.path(), arrived.join().path())).isEqualTo(-1);
        submit.onNext(SubmitRequest.newBuilder().addTaken(offer.getAttempt()).build());
        completions.await("the completion", all -> TestSession.completions(all).size() == 1);
    }

    private PayloadFile file(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(1).nextBytes(content);
        try (PayloadWriter writer = PayloadWriter.create(directory.resolve("made"))) {
            writer.write(content);
            return writer.finish();
        }
    }

    @Test
    void aSmallHeapHasANarrowWindow() {
        assertThat(CoordinatorSettings.streamWindowBytes(1L << 20)).isEqualTo(1 << 20);
        assertThat(CoordinatorSettings.streamWindowBytes(128L << 20)).isEqualTo(2 << 20);
        assertThat(CoordinatorSettings.streamWindowBytes(256L << 20)).isEqualTo(4 << 20);
        assertThat(CoordinatorSettings.streamWindowBytes(Long.MAX_VALUE)).isEqualTo(4 << 20);
    }

    @Test
    void aSmallHeapRelaysFewPayloadsAtOnce() {
        assertThat(CoordinatorSettings.maxTransfers(256L << 20, 4 << 20)).isEqualTo(18);
        assertThat(CoordinatorSettings.maxTransfers(1L << 20, 1 << 20)).isEqualTo(16);
        assertThat(CoordinatorSettings.maxTransfers(Long.MAX_VALUE, 256 << 20)).isEqualTo(1_024);
        assertThat(CoordinatorSettings.maxTransfers(1L << 30, 13 << 20))
                .as("a wide window leaves room for fewer")
                .isEqualTo(32);
        assertThatThrownBy(() -> CoordinatorSettings.defaults().withMaxTransfers(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max transfers must be greater than 0, not 0");
    }

    @Test
    void aClientWhoseUploadsDoNotGetOnLeavesRoomForAnothers() throws InterruptedException {
        int uploads = 0;
        Received<PutResponse> last;
        do {
            last = new Received<>();
            BlobDigest never = BlobDigest.ofBytes(new byte[] {(byte) ++uploads});
            BlobsGrpc.newStub(channel)
                    .put(last)
                    .onNext(PutRequest.newBuilder()
                            .setDigest(never.toWire().toBuilder().setSizeBytes(100 << 20))
                            .build());
            // Answered after the upload has been admitted, or not.
            BlobsGrpc.newBlockingStub(channel).findMissing(FindMissingRequest.getDefaultInstance());
        } while (last.ended() == null && uploads < 1_000);
        assertThat(last.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);

        ManagedChannel other = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        byte[] content = new byte[8 << 20];
        Received<PutResponse> answer = new Received<>();
        StreamObserver<PutRequest> put = BlobsGrpc.newStub(other).put(answer);
        for (int from = 0; from < content.length; from += Protocol.CHUNK_BYTES) {
            put.onNext(PutRequest.newBuilder()
                    .setDigest(BlobDigest.ofBytes(content).toWire())
                    .setChunk(ByteString.copyFrom(content, from, Protocol.CHUNK_BYTES))
                    .build());
        }
        put.onCompleted();
        assertThat(answer.awaitEnd()).isEqualTo(Status.OK);
        other.shutdownNow();
        assertThat(other.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSmallHeapHasRoomForFewBlobsOnTheirWay() {
        assertThat(TransferMemory.inAHeapOf(256L << 20, 4 << 20).bytes()).isEqualTo(32L << 20);
        assertThat(TransferMemory.inAHeapOf(48L << 20, 4 << 20).bytes())
                .as("four uploads")
                .isEqualTo(4 * ((6L << 20) + (64 << 10)));
        assertThat(TransferMemory.inAHeapOf(48L << 20, 16 << 20).bytes()).isEqualTo(4 * ((18L << 20) + (64 << 10)));
        assertThatThrownBy(() -> CoordinatorSettings.defaults().withBlobTransferBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blob transfer bytes must be greater than 0, not 0");
    }

    @Test
    void aHostWhoseConnectionBreaksIsDisconnectedAndComesBack() throws InterruptedException {
        ManagedChannel hosts = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        EchoHost host = EchoHost.attach(HostsGrpc.newStub(hosts)::attach, "h", 1);
        host.await("its welcome", all -> all.stream().anyMatch(Order::hasWelcome));
        hosts.shutdownNow();
        awaitConnected(false);
        EchoHost.attach(HostsGrpc.newStub(channel)::attach, "h", 1);
        awaitConnected(true);
    }

    private void awaitConnected(boolean connected) {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        DescribeResponse description;
        do {
            description = ClusterGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
        } while (description.getHosts(0).getConnected() != connected && System.nanoTime() < deadlineNanos);
        assertThat(description.getHosts(0).getConnected()).isEqualTo(connected);
    }

    @Test
    void aPortInUseIsAClearError() {
        assertThatThrownBy(() -> CoordinatorServer.start(ANY_PORT.withPort(server.port())))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:" + server.port() + ": ")
                .hasMessageContaining("in use");
    }

    @Test
    void listeningBeyondLoopbackIsRefusedUnlessInsecure() throws IOException {
        assertThatThrownBy(() -> CoordinatorServer.start(ANY_PORT.withHost("0.0.0.0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.0.0.0")
                .hasMessageContaining("--insecure");
        try (CoordinatorServer open =
                CoordinatorServer.start(ANY_PORT.withHost("0.0.0.0").withInsecure(true))) {
            assertThat(open.port()).isPositive();
        }
    }

    @Test
    void shuttingDownEndsStreamsWithUnavailable() throws InterruptedException {
        EchoHost host = EchoHost.attach(HostsGrpc.newStub(channel)::attach, "h", 1);
        host.await("its welcome", all -> all.stream().anyMatch(Order::hasWelcome));
        server.shutdown(Duration.ofSeconds(5));
        assertThat(host.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        server.awaitTermination();
    }
}
