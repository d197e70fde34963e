package io.farpool.coordinator.payload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.payload.PayloadDispatch;
import io.farpool.payload.PayloadFile;
import io.farpool.payload.PayloadReceipt;
import io.farpool.payload.PayloadWriter;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.farpool.wire.Protocol;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The relay, with scripted conversations beside it and real calls on both sides. */
@Timeout(120)
class PayloadsEndpointTest {
    private static final int MOST = 4;
    private static final ReceiveRequest REQUEST =
            ReceiveRequest.newBuilder().setSessionId("s").setSequence(7).build();

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Conversations conversations = new Conversations();
    private PayloadsEndpoint endpoint;
    private Server server;
    private ManagedChannel channel;
    private PayloadsGrpc.PayloadsStub stub;

    @BeforeEach
    void serve() throws IOException {
        serve(Duration.ofSeconds(60));
    }

    private void serve(Duration stall) throws IOException {
        endpoint = new PayloadsEndpoint(conversations, MOST, stall, threads);
        server = InProcessServerBuilder.forName("payloads")
                .directExecutor()
                .addService(endpoint)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("payloads").build();
        stub = PayloadsGrpc.newStub(channel);
    }

    @AfterEach
    void stop() throws InterruptedException {
        await(() -> endpoint.transfersInProgress() == 0, "all transfers have ended");
        endpoint.close();
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not: %s", what).isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    /** Lets every receiver have what it wants, and remembers what was asked for. */
    private static final class Conversations implements PayloadSenders {
        final Map<Long, Receiver> asked = new ConcurrentHashMap<>();
        final BlockingQueue<Long> transfers = new LinkedBlockingQueue<>();
        volatile long sizeBytes = Long.MAX_VALUE;

        @Override
        public void ask(ReceiveRequest request, long transfer, Receiver receiver) {
            assertThat(request.getSequence()).isEqualTo(REQUEST.getSequence());
            asked.put(transfer, receiver);
            receiver.expect(sizeBytes);
            transfers.add(transfer);
        }

        @Override
        public void stopAsking(long transfer) {
            asked.remove(transfer);
        }

        long next() throws InterruptedException {
            Long transfer = transfers.poll(30, TimeUnit.SECONDS);
            assertThat(transfer).as("a transfer that was asked for").isNotNull();
            return transfer;
        }
    }

    /** A receiver that takes chunks only as it is told to. */
    private static final class Receiving implements ClientResponseObserver<ReceiveRequest, PayloadChunk> {
        final AtomicLong bytes = new AtomicLong();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        private volatile @Nullable ClientCallStreamObserver<ReceiveRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<ReceiveRequest> begun) {
            call = begun;
            begun.disableAutoRequestWithInitial(1);
        }

        void request(int chunks) {
            ClientCallStreamObserver<ReceiveRequest> begun = call;
            if (begun != null) {
                begun.request(chunks);
            }
        }

        void giveUp() {
            ClientCallStreamObserver<ReceiveRequest> begun = call;
            if (begun != null) {
                begun.cancel("not wanted any more", null);
            }
        }

        @Override
        public void onNext(PayloadChunk chunk) {
            bytes.addAndGet(chunk.getData().size());
        }

        @Override
        public void onError(Throwable failed) {
            end.complete(Status.fromThrowable(failed));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        Status awaitEnd() {
            return ended(end);
        }
    }

    private static Status ended(CompletableFuture<Status> end) {
        assertThat(end).succeedsWithin(Duration.ofSeconds(30));
        return end.join();
    }

    /** A sender that sends whatever it is told to. */
    private static final class SendingEnd implements ClientResponseObserver<SendRequest, SendResponse> {
        final CompletableFuture<Status> end = new CompletableFuture<>();
        private volatile @Nullable ClientCallStreamObserver<SendRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<SendRequest> begun) {
            call = begun;
        }

        boolean isReady() {
            ClientCallStreamObserver<SendRequest> begun = call;
            return begun != null && begun.isReady();
        }

        @Override
        public void onNext(SendResponse response) {}

        @Override
        public void onError(Throwable failed) {
            end.complete(Status.fromThrowable(failed));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }

    private Receiving receive(int ahead) {
        return receive(REQUEST, ahead);
    }

    private Receiving receive(ReceiveRequest request, int ahead) {
        Receiving receiving = new Receiving();
        stub.receive(request, receiving);
        receiving.request(ahead);
        return receiving;
    }

    private Status sent(SendRequest... messages) {
        SendingEnd sending = new SendingEnd();
        StreamObserver<SendRequest> requests = stub.send(sending);
        for (SendRequest message : messages) {
            requests.onNext(message);
        }
        requests.onCompleted();
        return ended(sending.end);
    }

    private static SendRequest first(long transfer, int bytes) {
        return data(bytes).toBuilder().setTransfer(transfer).build();
    }

    private static SendRequest data(int bytes) {
        return SendRequest.newBuilder()
                .setData(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    private PayloadFile file(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        try (PayloadWriter writer = PayloadWriter.create(directory.resolve(name))) {
            writer.write(content);
            return writer.finish();
        }
    }

    @Test
    void filesOfAnySizeArriveAsTheyWereSent() throws Exception {
        for (int size : new int[] {1, Protocol.CHUNK_BYTES, 5 * Protocol.CHUNK_BYTES + 17}) {
            PayloadFile from = file("from-" + size, size);
            conversations.sizeBytes = size;
            CompletableFuture<PayloadFile> arrived =
                    new PayloadReceipt(REQUEST, from.elsewhere(), directory.resolve("to-" + size), threads).start(stub);
            CompletableFuture<Long> sent = new PayloadDispatch(conversations.next(), from, threads).start(stub);
            assertThat(arrived).succeedsWithin(Duration.ofSeconds(60));
            assertThat(sent).succeedsWithin(Duration.ofSeconds(60)).isEqualTo((long) size);
            assertThat(Files.mismatch(from.path(), arrived.join().path())).isEqualTo(-1);
        }
        assertThat(conversations.asked).isEmpty();
    }

    @Test
    void aReceiverThatTakesNothingHoldsItsSender() throws Exception {
        Receiving receiving = receive(0);
        SendingEnd sending = new SendingEnd();
        StreamObserver<SendRequest> requests = stub.send(sending);
        requests.onNext(first(conversations.next(), Protocol.CHUNK_BYTES));
        await(() -> receiving.bytes.get() == Protocol.CHUNK_BYTES, "the first chunk has arrived");
        for (int i = 0; i < 10; i++) {
            requests.onNext(data(Protocol.CHUNK_BYTES));
        }
        assertThat(sending.isReady()).isFalse();
        assertThat(receiving.bytes).hasValue(Protocol.CHUNK_BYTES);
        receiving.request(3);
        await(() -> receiving.bytes.get() == 4L * Protocol.CHUNK_BYTES, "three more chunks have arrived");
        assertThat(sending.isReady()).isFalse();
        receiving.request(100);
        requests.onCompleted();
        assertThat(receiving.awaitEnd()).isEqualTo(Status.OK);
        assertThat(ended(sending.end)).isEqualTo(Status.OK);
        assertThat(receiving.bytes).hasValue(11L * Protocol.CHUNK_BYTES);
    }

    @Test
    void aPayloadThatIsGoneOrCannotBeReadIsSaidSo() throws Exception {
        Receiving first = receive(10);
        assertThat(new PayloadDispatch(conversations.next(), null, threads).start(stub))
                .succeedsWithin(Duration.ofSeconds(30));
        assertThat(first.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
        Receiving second = receive(10);
        PayloadFile nowhere = new PayloadFile(directory.resolve("nowhere"), 10, 0);
        assertThat(new PayloadDispatch(conversations.next(), nowhere, threads).start(stub))
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(NoSuchFileException.class);
        assertThat(second.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        assertThat(second.awaitEnd().getDescription())
                .startsWith("the sender cannot read the payload: ")
                .contains("nowhere");
    }

    @Test
    void aFileThatCannotBeReadAnyFurtherIsSaidToBeUnreadableAndNotOnlyBrokenOff() throws Exception {
        Receiving first = receive(10);
        // A directory can be opened like a file, and then not be read.
        PayloadFile folder = new PayloadFile(Files.createDirectory(directory.resolve("folder")), 10, 0);
        assertThat(new PayloadDispatch(conversations.next(), folder, threads).start(stub))
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(IOException.class);
        assertThat(first.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        assertThat(first.awaitEnd().getDescription()).startsWith("the sender cannot read the payload: ");
        Receiving second = receive(10);
        SendRequest unreadable = SendRequest.newBuilder()
                .setGone(SendRequest.Gone.newBuilder().setUnreadable(true).setMessage("bad block"))
                .build();
        assertThat(sent(first(conversations.next(), 5), unreadable)).isEqualTo(Status.OK);
        assertThat(second.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        assertThat(second.awaitEnd().getDescription()).isEqualTo("the sender cannot read the payload: bad block");
    }

    /** Asks for the first chunks, and is broken then. */
    private static final class BrokenAfterTheFirst implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
                private boolean requested;

                @Override
                public void request(int messages) {
                    if (requested) {
                        throw new IllegalStateException("broken");
                    }
                    requested = true;
                    super.request(messages);
                }
            };
        }
    }

    @Test
    void aReceiptThatFailsForABugLeavesItsSenderFree() throws Exception {
        PayloadsGrpc.PayloadsStub broken =
                PayloadsGrpc.newStub(ClientInterceptors.intercept(channel, new BrokenAfterTheFirst()));
        PayloadFile from = file("from", 10 * Protocol.CHUNK_BYTES);
        CompletableFuture<PayloadFile> arrived =
                new PayloadReceipt(REQUEST, from.elsewhere(), directory.resolve("to"), threads).start(broken);
        SendingEnd sending = new SendingEnd();
        StreamObserver<SendRequest> requests = stub.send(sending);
        requests.onNext(first(conversations.next(), Protocol.CHUNK_BYTES));
        assertThat(arrived)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(IllegalStateException.class);
        assertThat(ended(sending.end).getCode()).isEqualTo(Code.CANCELLED);
        assertThat(directory.resolve("to")).doesNotExist();
    }

    @Test
    void moreOrLessThanWasAnnouncedIsDamage() throws Exception {
        conversations.sizeBytes = 100;
        Receiving more = receive(10);
        Status tooMuch = sent(first(conversations.next(), 60), data(41));
        assertThat(tooMuch.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(tooMuch.getDescription()).isEqualTo("the payload has at least 101 bytes, not the 100 announced");
        assertThat(more.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        Receiving less = receive(10);
        assertThat(sent(first(conversations.next(), 99)).getDescription())
                .isEqualTo("the payload has 99 bytes, not the 100 announced");
        assertThat(less.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
    }

    @Test
    void malformedSendsAreRefusedAndTheReceiverIsTold() throws Exception {
        assertThat(sent(data(1)).getDescription()).isEqualTo("the first message of a Send must carry the transfer");
        assertThat(sent().getDescription()).contains("none came");
        assertThat(sent(first(4_711, 1)).getCode()).isEqualTo(Code.NOT_FOUND);
        Receiving large = receive(10);
        assertThat(sent(first(conversations.next(), Protocol.CHUNK_BYTES + 1)).getDescription())
                .isEqualTo("a chunk is at most 1048576 bytes, not 1048577");
        assertThat(large.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        Receiving twice = receive(10);
        long transfer = conversations.next();
        assertThat(sent(first(transfer, 1), first(transfer, 1)).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(twice.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
        Receiving late = receive(10);
        SendRequest gone = SendRequest.newBuilder()
                .setGone(SendRequest.Gone.getDefaultInstance())
                .build();
        assertThat(sent(first(conversations.next(), 1), gone).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(late.awaitEnd().getCode()).isEqualTo(Code.DATA_LOSS);
    }

    @Test
    void onlyOneSenderIsHeard() throws Exception {
        Receiving receiving = receive(10);
        long transfer = conversations.next();
        SendingEnd sending = new SendingEnd();
        StreamObserver<SendRequest> requests = stub.send(sending);
        requests.onNext(first(transfer, 5));
        await(() -> receiving.bytes.get() == 5, "the first bytes have arrived");
        assertThat(sent(first(transfer, 5)).getCode()).isEqualTo(Code.NOT_FOUND);
        requests.onNext(data(5));
        requests.onCompleted();
        assertThat(receiving.awaitEnd()).isEqualTo(Status.OK);
        assertThat(receiving.bytes).hasValue(10);
        assertThat(sent(first(transfer, 5)).getCode()).as("it has ended").isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void whoeverBreaksOffTheOtherIsTold() throws Exception {
        Receiving receiving = receive(10);
        SendingEnd sending = new SendingEnd();
        StreamObserver<SendRequest> requests = stub.send(sending);
        requests.onNext(first(conversations.next(), 5));
        await(() -> receiving.bytes.get() == 5, "the first bytes have arrived");
        requests.onError(Status.CANCELLED.asException());
        assertThat(receiving.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        Receiving leaving = receive(10);
        SendingEnd sendingOn = new SendingEnd();
        StreamObserver<SendRequest> more = stub.send(sendingOn);
        more.onNext(first(conversations.next(), 5));
        await(() -> leaving.bytes.get() == 5, "the first bytes have arrived");
        leaving.giveUp();
        assertThat(ended(sendingOn.end).getCode()).isEqualTo(Code.CANCELLED);
    }

    @Test
    void aReceiverThatGivesUpBeforeAnythingCameIsForgotten() throws Exception {
        Receiving receiving = receive(10);
        long transfer = conversations.next();
        receiving.giveUp();
        await(() -> endpoint.transfersInProgress() == 0, "the transfer has ended");
        assertThat(conversations.asked).isEmpty();
        assertThat(sent(first(transfer, 1)).getCode()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void whatTheConversationsRefuseIsRefused() throws Exception {
        Receiving receiving = receive(10);
        PayloadSenders.Receiver receiver = conversations.asked.get(conversations.next());
        assertThat(receiver).isNotNull();
        receiver.refuse(Status.PERMISSION_DENIED.withDescription("not yours"));
        assertThat(receiving.awaitEnd().getCode()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(receiving.awaitEnd().getDescription()).isEqualTo("not yours");
    }

    private static ReceiveRequest of(String session) {
        return REQUEST.toBuilder().setSessionId(session).build();
    }

    @Test
    void noMoreThanTheLimitAreRelayedAtOnce() throws Exception {
        List<Receiving> some = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            some.add(receive(of("session" + i), 1));
            conversations.next();
        }
        Status status = receive(of("another"), 1).awaitEnd();
        assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription())
                .isEqualTo("4 of at most 4 payloads are being relayed already, 0 of them of this session in this"
                        + " direction; try again");
        some.forEach(Receiving::giveUp);
        await(() -> endpoint.transfersInProgress() == 0, "the transfers have ended");
        Receiving another = receive(1);
        assertThat(sent(first(conversations.next(), 1))).isEqualTo(Status.OK);
        assertThat(another.awaitEnd()).isEqualTo(Status.OK);
    }

    @Test
    void aSessionWhoseClientDoesNotSendLeavesRoomForOthersAndForItsOwnResults() throws Exception {
        List<Receiving> unanswered = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            unanswered.add(receive(1));
            conversations.next();
        }
        Status status = receive(1).awaitEnd();
        assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription())
                .isEqualTo("2 of at most 4 payloads are being relayed already, 2 of them of this session in this"
                        + " direction; try again");
        ReceiveRequest result = REQUEST.toBuilder()
                .setResult(ReceiveRequest.Result.newBuilder().setAttempt(1))
                .build();
        for (ReceiveRequest other : List.of(of("another"), result)) {
            Receiving receiving = receive(other, 1);
            assertThat(sent(first(conversations.next(), 1))).isEqualTo(Status.OK);
            assertThat(receiving.awaitEnd()).isEqualTo(Status.OK);
        }
        unanswered.forEach(Receiving::giveUp);
    }

    @Test
    void whatStandsStillIsGivenUp() throws Exception {
        server.shutdownNow();
        channel.shutdownNow();
        assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        serve(Duration.ofMillis(100));
        Receiving waiting = receive(10);
        assertThat(waiting.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(waiting.awaitEnd().getDescription()).isEqualTo("nothing was sent within 100 ms");
        conversations.next();
        Receiving flowing = receive(10);
        SendingEnd sending = new SendingEnd();
        stub.send(sending).onNext(first(conversations.next(), 5));
        assertThat(flowing.awaitEnd().getDescription()).startsWith("nothing ");
        assertThat(ended(sending.end).getCode()).isIn(Code.DEADLINE_EXCEEDED, Code.NOT_FOUND);
        SendingEnd silent = new SendingEnd();
        stub.send(silent);
        assertThat(ended(silent.end).getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }

    @Test
    void closingEndsWhatFlowsAndRefusesMore() throws Exception {
        Receiving receiving = receive(10);
        SendingEnd sending = new SendingEnd();
        stub.send(sending).onNext(first(conversations.next(), 5));
        await(() -> receiving.bytes.get() == 5, "the first bytes have arrived");
        endpoint.close();
        assertThat(receiving.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(ended(sending.end).getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(receive(1).awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
}
