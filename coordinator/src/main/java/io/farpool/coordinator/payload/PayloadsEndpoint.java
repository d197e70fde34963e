package io.farpool.coordinator.payload;

import io.farpool.blob.StallWatch;
import io.farpool.coordinator.transfer.TransferShares;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.farpool.wire.RandomBytes;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code Payloads}: joins whoever receives a payload with whoever sends it. Nothing here touches a disk or waits, so
 * that it may run on event loops.
 *
 * <p>Thread-safe.
 */
public final class PayloadsEndpoint extends PayloadsGrpc.PayloadsImplBase implements AutoCloseable {
    static final Status SHUTTING_DOWN = Status.UNAVAILABLE.withDescription("the coordinator is shutting down");

    /** Whose transfers: a session whose client does not send what is asked of it so does not hold up its own results. */
    private record Holder(String sessionId, ReceiveRequest.ReceiverCase direction) {}

    private final PayloadSenders senders;
    private final TransferShares<Holder> shares;
    private final Duration stall;
    private final Executor afterStall;
    private final Executor successor;
    private final LongSupplier random;
    /** By transfer. Who knows that number may send: it is told to the sender alone. */
    private final Map<Long, Relay> relays = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /**
     * @param senders who has what
     * @param maxTransfers at once, waiting or flowing, shared by the sessions; one more is refused with RESOURCE_EXHAUSTED
     * @param successor goes on when a transport's thread has done its turn; stays the caller's to end
     */
    public PayloadsEndpoint(PayloadSenders senders, int maxTransfers, Executor successor) {
        this(senders, maxTransfers, StallWatch.STALL, successor);
    }

    PayloadsEndpoint(PayloadSenders senders, int maxTransfers, Duration stall, Executor successor) {
        this(
                senders,
                maxTransfers,
                stall,
                CompletableFuture.delayedExecutor(stall.toMillis(), TimeUnit.MILLISECONDS, successor),
                successor,
                RandomBytes::nextLong);
    }

    /** @param afterStall runs what it is given after the time that a transfer may stand still */
    PayloadsEndpoint(
            PayloadSenders senders,
            int maxTransfers,
            Duration stall,
            Executor afterStall,
            Executor successor,
            LongSupplier random) {
        this.senders = senders;
        this.shares = new TransferShares<>(maxTransfers);
        this.stall = stall;
        this.afterStall = afterStall;
        this.successor = successor;
        this.random = random;
    }

    /** Payloads that are waited for or flow right now. */
    public int transfersInProgress() {
        return shares.places();
    }

    @Override
    public void receive(ReceiveRequest request, StreamObserver<PayloadChunk> chunks) {
        if (closed) {
            chunks.onError(SHUTTING_DOWN.asRuntimeException());
            return;
        }
        Holder holder = new Holder(request.getSessionId(), request.getReceiverCase());
        TransferShares<Holder>.Place place = shares.take(holder, 1);
        if (place == null) {
            chunks.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription(shares.taken() + " of at most " + shares.most()
                            + " payloads are being relayed already, " + shares.held(holder)
                            + " of them of this session in this direction; try again")
                    .asRuntimeException());
            return;
        }
        long transfer = newTransfer();
        Relay relay = new Relay(transfer, senders, chunks, stall, afterStall, successor, () -> {
            relays.remove(transfer);
            place.leave();
        });
        relays.put(transfer, relay);
        relay.begin(request);
        if (closed) {
            relay.refuse(SHUTTING_DOWN);
        }
    }

    private long newTransfer() {
        long transfer = random.getAsLong();
        while (transfer == 0 || relays.containsKey(transfer)) {
            transfer = random.getAsLong();
        }
        return transfer;
    }

    @Override
    public StreamObserver<SendRequest> send(StreamObserver<SendResponse> response) {
        return new Sending(this, response).begun(stall, afterStall);
    }

    @Nullable
    Relay relay(long transfer) {
        return relays.get(transfer);
    }

    /** Ends all transfers with UNAVAILABLE and refuses new ones. */
    @Override
    public void close() {
        closed = true;
        for (Relay relay : new ArrayList<>(relays.values())) {
            relay.refuse(SHUTTING_DOWN);
        }
    }
}
