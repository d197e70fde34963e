package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.BrokenExecutorException;
import io.farpool.bundle.UnreadableEntryException;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Brings a session to life over a connection: code first, then Open, then its two streams. Tells the session by events;
 * blocks, so it runs on a thread of its own unless the connection leads into this JVM.
 */
final class SessionOpening {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** Where the session's events go. */
    interface Events {
        void opened(SubmitStream stream, OpenResponse response);

        void arrived(CompletionsResponse batch);

        /** The streams are gone; null: as the session was asked to end. */
        void streamsEnded(Status status);

        void failed(RuntimeException reason);
    }

    private final SessionSettings settings;
    private final String sessionId;
    private final byte[] secret;
    private final Connection connection;
    private final Events events;

    SessionOpening(SessionSettings settings, String sessionId, byte[] secret, Connection connection, Events events) {
        this.settings = settings;
        this.sessionId = sessionId;
        this.secret = secret;
        this.connection = connection;
        this.events = events;
    }

    void run() {
        long deadlineNanos = System.nanoTime() + settings.connectTimeout().toNanos();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        try {
            while (true) {
                try {
                    openStreams(open(connection.provideCode(), deadlineNanos));
                    return;
                } catch (IOException | RuntimeException e) {
                    Status status = Status.fromThrowable(e);
                    if (status.getCode() != Status.Code.UNAVAILABLE || System.nanoTime() - deadlineNanos >= 0) {
                        throw e;
                    }
                }
                TimeUnit.MILLISECONDS.sleep(
                        pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis));
                pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
            }
        } catch (InterruptedException e) {
            events.failed(
                    new BrokenExecutorException("interrupted while opening a session at " + connection.target(), e));
        } catch (IOException | RuntimeException e) {
            events.failed(explain(e));
        }
    }

    private BrokenExecutorException explain(Exception e) {
        Status status = Status.fromThrowable(e);
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED ->
                new BrokenExecutorException(
                        "no coordinator answers at " + connection.target() + " (tried for "
                                + settings.connectTimeout().toMillis() + " ms): " + rootMessage(e)
                                + "; is 'farpool coordinator' running there?",
                        e);
            case UNKNOWN ->
                new BrokenExecutorException(
                        "cannot open a session at " + connection.target() + ": "
                                + (e instanceof UnreadableEntryException ? e.getMessage() : rootMessage(e)),
                        e);
            default ->
                new BrokenExecutorException(
                        "the coordinator at " + connection.target() + " refuses the session: "
                                + status.getDescription(),
                        e);
        };
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static String version() {
        String version = SessionOpening.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private OpenResponse open(Connection.Code code, long deadlineNanos) throws InterruptedException {
        CompletableFuture<OpenResponse> answer = new CompletableFuture<>();
        connection.open(
                OpenRequest.newBuilder()
                        .setProtocolVersion(Protocol.VERSION)
                        .setSessionId(sessionId)
                        .setSessionSecret(ByteString.copyFrom(secret))
                        .setName(settings.name())
                        .setProcess(
                                settings.process().toBuilder().setClassFileMajorVersion(code.classFileMajorVersion()))
                        .setBundle(code.bundle())
                        .setMaxWorkers(settings.maxWorkers())
                        .setClientVersion(version())
                        .build(),
                new UnaryAnswer<>(answer));
        long leftNanos = Math.max(TimeUnit.SECONDS.toNanos(1), deadlineNanos - System.nanoTime());
        try {
            return answer.get(leftNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e.getCause()).withCause(e.getCause()).asRuntimeException();
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("no answer to Open")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private void openStreams(OpenResponse response) {
        connection.completions(
                CompletionsRequest.newBuilder()
                        .setSessionId(sessionId)
                        .setSecret(ByteString.copyFrom(secret))
                        .setEpoch(response.getEpoch())
                        .build(),
                new CompletionsObserver());
        StreamObserver<SubmitRequest> requests = connection.submit(new SubmitEnd());
        requests.onNext(SubmitRequest.newBuilder()
                .setSessionId(sessionId)
                .setSecret(ByteString.copyFrom(secret))
                .setEpoch(response.getEpoch())
                .setPendingComplete(true)
                .build());
        events.opened(new ObserverStream(requests), response);
    }

    private final class CompletionsObserver implements StreamObserver<CompletionsResponse> {
        @Override
        public void onNext(CompletionsResponse batch) {
            events.arrived(batch);
        }

        @Override
        public void onError(Throwable error) {
            events.streamsEnded(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            events.streamsEnded(Status.OK);
        }
    }

    private final class SubmitEnd implements StreamObserver<SubmitResponse> {
        @Override
        public void onNext(SubmitResponse response) {}

        @Override
        public void onError(Throwable error) {
            events.streamsEnded(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {}
    }

    private record ObserverStream(StreamObserver<SubmitRequest> requests) implements SubmitStream {
        @Override
        public void send(SubmitRequest request) {
            requests.onNext(request);
        }

        @Override
        public void finish() {
            requests.onCompleted();
        }
    }
}
