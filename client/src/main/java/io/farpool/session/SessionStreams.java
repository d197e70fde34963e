package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * The two streams of one opening: what comes is told with their generation's number. The session's core sends on it, one
 * thread at a time; what comes is told on the connection's threads.
 */
final class SessionStreams implements SubmitStream {
    /** Where it is told what comes. */
    interface Events {
        void arrived(int generation, CompletionsResponse batch);

        /** A stream has ended. OK: the completions have, as when the session was asked to end. */
        void streamEnded(int generation, Status status);
    }

    private final int generation;
    private final Events events;
    private final Completions completions = new Completions();
    private @Nullable StreamObserver<SubmitRequest> requests;
    /** Session, secret, epoch and opening: for the first message, and only that. */
    private SubmitRequest.@Nullable Builder header;

    SessionStreams(int generation, Events events) {
        this.generation = generation;
        this.events = events;
    }

    void open(Connection connection, String sessionId, ByteString secret, long epoch, long opening, long acknowledged) {
        header = SubmitRequest.newBuilder()
                .setSessionId(sessionId)
                .setSecret(secret)
                .setEpoch(epoch)
                .setOpening(opening);
        connection.completions(
                CompletionsRequest.newBuilder()
                        .setSessionId(sessionId)
                        .setSecret(secret)
                        .setEpoch(epoch)
                        .setOpening(opening)
                        .setAcknowledged(acknowledged)
                        .build(),
                completions);
        requests = connection.submit(new SubmitEnd());
    }

    @Override
    public void send(SubmitRequest request) {
        if (requests == null) {
            throw new IllegalStateException("the streams have not been opened");
        }
        SubmitRequest complete = request;
        if (header != null) {
            complete = header.mergeFrom(request).build();
            header = null;
        }
        requests.onNext(complete);
    }

    @Override
    public void finish() {
        if (requests != null) {
            requests.onCompleted();
        }
    }

    @Override
    public void abandon() {
        Status reason = Status.CANCELLED.withDescription("a stream of the session has broken");
        completions.cancel(reason);
        if (requests != null) {
            try {
                requests.onError(reason.asRuntimeException());
            } catch (IllegalStateException ended) {
                // By the other side, in this very moment.
            }
        }
    }

    /** Over gRPC this gets hold of its call, to cancel it. */
    private final class Completions implements ClientResponseObserver<CompletionsRequest, CompletionsResponse> {
        private volatile @Nullable ClientCallStreamObserver<CompletionsRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<CompletionsRequest> started) {
            call = started;
        }

        void cancel(Status reason) {
            ClientCallStreamObserver<CompletionsRequest> current = call;
            if (current != null) {
                current.cancel(reason.getDescription(), null);
            }
        }

        @Override
        public void onNext(CompletionsResponse batch) {
            events.arrived(generation, batch);
        }

        @Override
        public void onError(Throwable error) {
            events.streamEnded(generation, Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            events.streamEnded(generation, Status.OK);
        }
    }

    private final class SubmitEnd implements StreamObserver<SubmitResponse> {
        @Override
        public void onNext(SubmitResponse response) {}

        @Override
        public void onError(Throwable error) {
            events.streamEnded(generation, Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {}
    }
}
