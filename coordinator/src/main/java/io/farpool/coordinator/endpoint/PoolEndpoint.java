package io.farpool.coordinator.endpoint;

import io.farpool.coordinator.scheduling.Event;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.PoolGrpc;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Predicate;

/** The clients' service, as pool.proto specifies it. Thread-safe. */
final class PoolEndpoint extends PoolGrpc.PoolImplBase {
    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final Predicate<Digest> blobPresent;

    PoolEndpoint(Switchboard switchboard, SerialQueue<Runnable> queue, Predicate<Digest> blobPresent) {
        this.switchboard = switchboard;
        this.queue = queue;
        this.blobPresent = blobPresent;
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> observer) {
        OutStream<OpenResponse> response = new OutStream<>("open", observer);
        try {
            Checks.open(request, switchboard.settings);
            requireBlobs(request);
        } catch (StatusRuntimeException refused) {
            response.fail(refused.getStatus());
            return;
        }
        Entrance.forCaller(queue, observer).post(() -> {
            try {
                response.send(switchboard.open(request));
                response.complete();
            } catch (StatusRuntimeException refused) {
                response.fail(refused.getStatus());
            }
        });
    }

    private void requireBlobs(OpenRequest request) {
        for (BundleEntry entry : request.getBundle().getEntriesList()) {
            if (entry.hasDigest() && !blobPresent.test(entry.getDigest())) {
                throw Status.FAILED_PRECONDITION
                        .withDescription(
                                "the blob of '" + Checks.shown(entry.getName()) + "' is not here: put it first")
                        .asRuntimeException();
            }
        }
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> observer) {
        Entrance entrance = Entrance.forCaller(queue, observer);
        return new SubmitStream(switchboard, entrance, new OutStream<>("submit", observer));
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> observer) {
        OutStream<CompletionsResponse> stream = new OutStream<>("completions", observer);
        if (observer instanceof ServerCallStreamObserver<CompletionsResponse> call) {
            call.setOnCancelHandler(() -> queue.post(() -> broke(request.getSessionId(), stream)));
        }
        Entrance.forCaller(queue, observer).post(() -> begin(request, stream));
    }

    private void begin(CompletionsRequest request, OutStream<CompletionsResponse> stream) {
        try {
            SessionLink link = switchboard.session(request.getSessionId(), request.getSecret(), request.getEpoch());
            long acknowledged = request.getAcknowledged();
            if (acknowledged < 0 || acknowledged > switchboard.scheduler.completions(link.number)) {
                throw Checks.invalid("acknowledged is " + acknowledged + ", but "
                        + switchboard.scheduler.completions(link.number) + " completions have been sent");
            }
            link.completions(stream);
            switchboard.streamsChanged(link);
            switchboard.tell(new Event.CompletionsWanted(link.number, acknowledged));
        } catch (StatusRuntimeException refused) {
            stream.fail(refused.getStatus());
        }
    }

    private void broke(String sessionId, OutStream<CompletionsResponse> stream) {
        stream.abandon();
        SessionLink link = switchboard.linkOf(sessionId);
        if (link != null && link.isCompletions(stream)) {
            link.completions(null);
            switchboard.streamsChanged(link);
        }
    }
}
