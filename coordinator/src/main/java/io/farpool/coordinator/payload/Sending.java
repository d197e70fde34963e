package io.farpool.coordinator.payload;

import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One Send: finds the relay that its first message names, and gives it the rest, one message at a time. Its first message is
 * waited for no longer than a transfer may stand still.
 */
final class Sending implements StreamObserver<SendRequest> {
    private final PayloadsEndpoint endpoint;
    private final StreamObserver<SendResponse> response;
    private final @Nullable ServerCallStreamObserver<SendResponse> call;
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable StallWatch watch;
    /** Of the transport's calls, which come one after the other. */
    private @Nullable Relay relay;

    Sending(PayloadsEndpoint endpoint, StreamObserver<SendResponse> response) {
        this.endpoint = endpoint;
        this.response = response;
        this.call = response instanceof ServerCallStreamObserver<SendResponse> server ? server : null;
    }

    /** Asks for the first message. To be called before the RPC's handler returns. */
    Sending begun(Duration stall, Executor afterStall) {
        watch = StallWatch.start(
                afterStall,
                () -> fail(Status.DEADLINE_EXCEEDED.withDescription(
                        "the first message of a Send did not come within " + stall.toMillis() + " ms")));
        if (call != null) {
            call.disableAutoRequest();
            // Without a handler, answering a sender who has left throws.
            call.setOnCancelHandler(this::broke);
            call.request(1);
        }
        return this;
    }

    @Override
    public void onNext(SendRequest request) {
        Relay known = relay;
        if (known == null) {
            known = endpoint.relay(request.getTransfer());
            if (known == null) {
                fail(
                        request.getTransfer() == 0
                                ? Status.INVALID_ARGUMENT.withDescription(
                                        "the first message of a Send must carry the transfer")
                                : Relay.NOBODY_WAITS);
                return;
            }
            relay = known;
            endWatch();
        } else if (request.getTransfer() != 0) {
            known.senderFailed(
                    this,
                    Status.INVALID_ARGUMENT.withDescription("only the first message of a Send may carry the transfer"));
            return;
        }
        known.take(this, request);
    }

    @Override
    public void onError(Throwable broken) {
        broke();
    }

    @Override
    public void onCompleted() {
        Relay known = relay;
        if (known == null) {
            fail(Status.INVALID_ARGUMENT.withDescription(
                    "the first message of a Send must carry the transfer; none came"));
        } else {
            known.finish(this);
        }
    }

    private void broke() {
        ended.set(true);
        endWatch();
        Relay known = relay;
        if (known != null) {
            known.senderBroke(this);
        }
    }

    private void endWatch() {
        if (watch != null) {
            watch.end();
        }
    }

    /** The next message may come. */
    void request() {
        if (call != null) {
            call.request(1);
        }
    }

    void succeed() {
        if (ended.compareAndSet(false, true)) {
            response.onNext(SendResponse.getDefaultInstance());
            response.onCompleted();
        }
    }

    void fail(Status status) {
        if (ended.compareAndSet(false, true)) {
            endWatch();
            response.onError(status.asRuntimeException());
        }
    }
}
