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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The clients' service, as pool.proto specifies it. Thread-safe. */
final class PoolEndpoint extends PoolGrpc.PoolImplBase {
    private static final Logger log = LoggerFactory.getLogger(PoolEndpoint.class);

    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;
    private final SessionBlobs blobs;
    private final Executor disk;
    private final AtomicLong opens = new AtomicLong();

    PoolEndpoint(Switchboard switchboard, SerialQueue<Runnable> queue, SessionBlobs blobs, Executor disk) {
        this.switchboard = switchboard;
        this.queue = queue;
        this.blobs = blobs;
        this.disk = disk;
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> observer) {
        OutStream<OpenResponse> response = new OutStream<>("open", observer);
        Entrance entrance = Entrance.forCaller(queue, observer);
        List<Digest> digests = new ArrayList<>();
        try {
            Checks.open(request, switchboard.settings);
            for (BundleEntry entry : request.getBundle().getEntriesList()) {
                if (entry.hasDigest()) {
                    digests.add(entry.getDigest());
                }
            }
            if (digests.isEmpty()) {
                entrance.post(() -> open(request, null, response));
            } else {
                disk.execute(() -> holdAndOpen(request, digests, response));
            }
        } catch (StatusRuntimeException refused) {
            response.fail(refused.getStatus());
        } catch (RejectedExecutionException ending) {
            response.fail(Switchboard.SHUTTING_DOWN);
        }
    }

    /**
     * The session may begin, end and belong to somebody else while its class path is looked for. So that is held for this call until it is
     * known whose the session is.
     */
    private void holdAndOpen(OpenRequest request, List<Digest> digests, OutStream<OpenResponse> response) {
        String holder = "open-" + opens.incrementAndGet();
        Status problem = null;
        try {
            int missing = blobs.hold(holder, digests).size();
            if (missing > 0) {
                problem = Status.FAILED_PRECONDITION.withDescription(missing + " of the " + digests.size()
                        + " blobs of the bundle are not here: ask FindMissing, and put them first");
            }
        } catch (IllegalArgumentException malformed) {
            problem = Status.INVALID_ARGUMENT.withDescription(malformed.getMessage());
        } catch (IOException | RuntimeException failed) {
            log.warn("session={} hold_blobs=failed", request.getSessionId(), failed);
            problem = Status.UNAVAILABLE.withDescription("the blob store cannot be read: " + failed.getMessage());
        }
        if (problem == null) {
            queue.post(() -> open(request, holder, response));
        } else {
            blobs.release(holder);
            response.fail(problem);
        }
    }

    /** @param holder has what the session needs of the blobs, if it needs any */
    private void open(OpenRequest request, @Nullable String holder, OutStream<OpenResponse> response) {
        try {
            OpenResponse opened = switchboard.sessions.open(request);
            if (holder != null) {
                blobs.handOver(holder, request.getSessionId());
            }
            response.send(opened);
            response.complete();
        } catch (StatusRuntimeException refused) {
            response.fail(refused.getStatus());
        } finally {
            if (holder != null) {
                blobs.release(holder);
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
            call.setOnReadyHandler(() -> queue.post(() -> switchboard.ready(request.getSessionId(), stream)));
        }
        Entrance.forCaller(queue, observer).post(() -> begin(request, stream));
    }

    private void begin(CompletionsRequest request, OutStream<CompletionsResponse> stream) {
        try {
            SessionLink link = switchboard.sessions.of(
                    request.getSessionId(), request.getSecret(), request.getEpoch(), request.getOpening());
            long acknowledged = request.getAcknowledged();
            boolean open = switchboard.scheduler.isOpen(link.number);
            if (acknowledged < 0 || (open && acknowledged > switchboard.scheduler.completions(link.number))) {
                throw Checks.invalid("acknowledged is " + acknowledged + ", but "
                        + switchboard.scheduler.completions(link.number) + " completions have been sent");
            }
            link.completions(stream);
            switchboard.completionsReplaced(link);
            switchboard.tell(new Event.CompletionsWanted(link.number, acknowledged));
        } catch (StatusRuntimeException refused) {
            stream.fail(refused.getStatus());
        }
    }

    private void broke(String sessionId, OutStream<CompletionsResponse> stream) {
        stream.abandon();
        SessionLink link = switchboard.sessions.byId(sessionId);
        if (link != null && link.isCompletions(stream)) {
            link.completions(null);
            switchboard.streamsChanged(link);
        }
    }
}
