package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsRequest;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Started;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.SubmitResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A coordinator of one session that gives every task the same result, on one thread of its own, in the order of what it is
 * sent; it ends the session when it is asked to, or breaks it.
 */
final class InMemoryConnection implements Connection {
    private static final SubmitRequest BREAK =
            SubmitRequest.newBuilder().setSessionId("break").build();

    private final ByteString result;
    private final LinkedBlockingQueue<SubmitRequest> requests = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::answerAll, "in-memory-coordinator");
    private volatile StreamObserver<CompletionsResponse> client;
    private long completions;

    InMemoryConnection(ByteString result) {
        this.result = result;
        thread.setDaemon(true);
    }

    /** Ends the session as a coordinator that is lost. */
    void breakStreams() {
        requests.add(BREAK);
    }

    Thread thread() {
        return thread;
    }

    private void answerAll() {
        try {
            while (answer(requests.take())) {}
        } catch (InterruptedException closed) {
            // by close()
        }
    }

    /** Everything is answered at once, so there is nothing outstanding when the session is to end. */
    private boolean answer(SubmitRequest request) {
        if (request.equals(BREAK)) {
            client.onError(
                    Status.UNAVAILABLE.withDescription("broken by the test").asRuntimeException());
            return false;
        }
        CompletionsResponse.Builder answer = CompletionsResponse.newBuilder();
        for (Task task : request.getTasksList()) {
            client.onNext(CompletionsResponse.newBuilder()
                    .addStarted(Started.newBuilder().setSequence(task.getSequence()))
                    .build());
            answer.addCompletions(completion(
                    task.getSequence(),
                    Outcome.newBuilder()
                            .setResult(Payload.newBuilder().setInline(result))
                            .build()));
        }
        for (Cancel cancel : request.getCancelsList()) {
            // The outcome has been sent already; a second one of the same task is to be ignored.
            answer.addCompletions(completion(
                    cancel.getSequence(),
                    Outcome.newBuilder()
                            .setCancelled(Cancelled.getDefaultInstance())
                            .build()));
        }
        if (answer.getCompletionsCount() > 0) {
            client.onNext(answer.build());
        }
        if (request.hasEndNow() || request.getWhenDone()) {
            client.onCompleted();
            return false;
        }
        return true;
    }

    private Completion completion(long sequence, Outcome outcome) {
        return Completion.newBuilder()
                .setNumber(++completions)
                .setSequence(sequence)
                .setOutcome(outcome)
                .build();
    }

    @Override
    public Code provideCode(Duration answer) {
        return new Code(Bundle.getDefaultInstance(), 61);
    }

    @Override
    public CompletableFuture<Long> provideShared(Path file, BlobDigest digest) {
        return CompletableFuture.completedFuture(0L);
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> response) {
        response.onNext(OpenResponse.newBuilder()
                .setEpoch(1)
                .setCredit(Credit.newBuilder().setTasks(1_000).setPayloadBytes(1 << 20))
                .build());
        response.onCompleted();
    }

    @Override
    public void completions(CompletionsRequest request, StreamObserver<CompletionsResponse> responses) {
        client = responses;
        thread.start();
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> response) {
        return new StreamObserver<>() {
            @Override
            public void onNext(SubmitRequest request) {
                requests.add(request);
            }

            @Override
            public void onError(Throwable givenUp) {}

            @Override
            public void onCompleted() {}
        };
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
        response.onError(Status.UNIMPLEMENTED.asRuntimeException());
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public String target() {
        return "memory";
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
