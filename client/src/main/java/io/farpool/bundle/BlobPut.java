package io.farpool.bundle;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.farpool.wire.Protocol;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Put of one file. Chunks are read only when the transport is ready for them, so a slow line holds one or two in memory.
 * If the coordinator answers before the end, because it has the blob already, the rest is not sent.
 */
final class BlobPut implements ClientResponseObserver<PutRequest, PutResponse>, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(BlobPut.class);

    private final PackedBundle.Entry entry;
    private final String what;
    private final Executor disk;
    private final SerialQueue<Runnable> queue;
    private final CompletableFuture<Long> result = new CompletableFuture<>();

    // Touched only by what the queue runs.
    private @Nullable ClientCallStreamObserver<PutRequest> call;
    private @Nullable InputStream in;
    private @Nullable StallWatch watch;
    private long sentBytes;
    private boolean answered;
    private boolean halfClosed;

    /** @param what it is, for messages */
    BlobPut(PackedBundle.Entry entry, String what, Executor disk) {
        this.what = what;
        this.entry = entry;
        this.disk = disk;
        this.queue = new SerialQueue<>(this, disk);
    }

    /** Begins; the result is how many bytes were sent, or an IOException that names the file. */
    CompletableFuture<Long> start(BlobsGrpc.BlobsStub blobs) {
        watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
        queue.postLater(() -> {
            if (result.isDone()) {
                return; // it has stalled before it could begin
            }
            try {
                in = Files.newInputStream(entry.file());
            } catch (IOException e) {
                fail(new UnreadableEntryException(entry.file(), e));
                return;
            }
            blobs.put(this);
            if (call != null) {
                // Even an empty blob has a first message.
                call.onNext(PutRequest.newBuilder()
                        .setDigest(entry.digest().toWire())
                        .build());
                sendWhileReady();
            }
        });
        return result;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<PutRequest> begun) {
        call = begun;
        begun.setOnReadyHandler(() -> queue.postLater(this::sendWhileReady));
    }

    private void sendWhileReady() {
        while (in != null && call != null && watch != null && !halfClosed && call.isReady()) {
            byte[] chunk;
            try {
                chunk = in.readNBytes(Protocol.CHUNK_BYTES);
            } catch (IOException e) {
                call.cancel("the file cannot be read", e);
                fail(new UnreadableEntryException(entry.file(), e));
                return;
            }
            if (chunk.length == 0) {
                halfClosed = true;
                call.onCompleted();
                return;
            }
            // The array is nobody else's.
            ByteString bytes = UnsafeByteOperations.unsafeWrap(chunk);
            call.onNext(PutRequest.newBuilder().setChunk(bytes).build());
            sentBytes += chunk.length;
            watch.progressed();
        }
    }

    @Override
    public void onNext(PutResponse response) {
        queue.postLater(() -> {
            answered = true;
            log.debug(
                    "Sent file={} digest={} alreadyThere={}", entry.file(), entry.digest(), response.getAlreadyThere());
        });
    }

    @Override
    public void onError(Throwable thrown) {
        queue.postLater(() -> fail(thrown));
    }

    @Override
    public void onCompleted() {
        queue.postLater(() -> {
            if (answered) {
                end();
                result.complete(sentBytes);
            } else {
                fail(Status.INTERNAL
                        .withDescription("Put ended without an answer")
                        .asRuntimeException());
            }
        });
    }

    private void stalled() {
        if (!result.isDone()) {
            String reason = "nothing could be sent for " + StallWatch.STALL.toSeconds() + " s";
            if (call != null) {
                call.cancel(reason, null);
            }
            fail(Status.DEADLINE_EXCEEDED.withDescription(reason).asRuntimeException());
        }
    }

    private void fail(Throwable thrown) {
        end();
        if (thrown instanceof UnreadableEntryException) {
            result.completeExceptionally(thrown);
            return;
        }
        boolean refused = Status.fromThrowable(thrown).getCode() == Status.Code.INVALID_ARGUMENT;
        result.completeExceptionally(new IOException(
                "cannot send " + what + " (" + entry.file() + "): " + thrown.getMessage()
                        + (refused ? "; was the file changed after the pool was opened?" : ""),
                thrown));
    }

    private void end() {
        if (watch != null) {
            watch.end();
        }
        if (in != null) {
            try {
                in.close();
            } catch (IOException e) {
                log.debug("Cannot close file={} reason={}", entry.file(), e.toString());
            }
            in = null;
        }
    }

    @Override
    public void apply(Runnable step) {
        step.run();
    }

    @Override
    public void flush() {}

    @Override
    public void fault(Throwable bug) {
        log.error("Sending failed unexpectedly file={}", entry.file(), bug);
        if (call != null && !result.isDone()) {
            call.cancel("a bug", bug);
        }
        fail(bug);
    }
}
