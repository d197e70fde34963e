package io.farpool.payload;

import com.google.protobuf.ByteString;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.PayloadChunk;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try to receive one payload into a file. Chunks are written in order on the disk's executor; at most
 * {@link #WINDOW_CHUNKS} are in memory. Thread-safe.
 */
public final class PayloadReceipt
        implements ClientResponseObserver<ReceiveRequest, PayloadChunk>, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(PayloadReceipt.class);

    /** Enough that the line does not wait for the disk. */
    private static final int WINDOW_CHUNKS = 4;

    private final ReceiveRequest request;
    private final PayloadReference expected;
    private final Path path;
    private final Executor disk;
    private final SerialQueue<Runnable> queue;
    private final CompletableFuture<PayloadFile> result = new CompletableFuture<>();

    // Touched only by what the queue runs.
    private @Nullable ClientCallStreamObserver<ReceiveRequest> call;
    private @Nullable PayloadWriter writer;
    private @Nullable StallWatch watch;

    /**
     * @param request what is wanted
     * @param expected its size and checksum
     * @param path the file to make
     * @param disk runs what blocks on it
     */
    public PayloadReceipt(ReceiveRequest request, PayloadReference expected, Path path, Executor disk) {
        this.request = request;
        this.expected = expected;
        this.path = path;
        this.disk = disk;
        this.queue = new SerialQueue<>(this, disk);
    }

    /**
     * Begins. The result is the file, checked; or fails with a status, with {@link PayloadDamagedException} or with another
     * IOException of the disk, and then there is no file.
     */
    public CompletableFuture<PayloadFile> start(PayloadsGrpc.PayloadsStub payloads) {
        queue.postLater(() -> {
            try {
                writer = PayloadWriter.create(path);
            } catch (IOException e) {
                end(new IOException("cannot make a file for a payload: " + e, e));
                return;
            }
            watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
            payloads.receive(request, this);
        });
        return result;
    }

    /** Gives up; the result fails. */
    public void cancel(String reason) {
        queue.postLater(() -> {
            if (!result.isDone()) {
                if (call != null) {
                    call.cancel(reason, null);
                }
                end(Status.CANCELLED.withDescription(reason).asRuntimeException());
            }
        });
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ReceiveRequest> begun) {
        call = begun;
        begun.disableAutoRequestWithInitial(WINDOW_CHUNKS);
    }

    @Override
    public void onNext(PayloadChunk chunk) {
        queue.postLater(() -> take(chunk.getData()));
    }

    @Override
    public void onError(Throwable thrown) {
        queue.postLater(() -> end(thrown));
    }

    @Override
    public void onCompleted() {
        queue.postLater(this::finish);
    }

    private void take(ByteString chunk) {
        PayloadWriter open = writer;
        if (open == null || call == null || watch == null) {
            return;
        }
        watch.progressed();
        try {
            chunk.writeTo(open);
            if (open.writtenBytes() > expected.getSizeBytes()) {
                throw new PayloadDamagedException("the payload has at least " + open.writtenBytes()
                        + " bytes, expected " + expected.getSizeBytes());
            }
        } catch (IOException e) {
            call.cancel("the receiver cannot keep what it is sent: " + e.getMessage(), e);
            end(e);
            return;
        }
        call.request(1);
    }

    private void finish() {
        PayloadWriter open = writer;
        if (open == null) {
            return;
        }
        PayloadFile file;
        try {
            file = open.finish();
        } catch (IOException e) {
            end(e);
            return;
        }
        writer = null;
        try {
            new PayloadFile(file.path(), expected.getSizeBytes(), expected.getCrc32C())
                    .check(file.sizeBytes(), file.crc32c());
        } catch (PayloadDamagedException e) {
            file.discard();
            end(e);
            return;
        }
        end(null);
        result.complete(file);
    }

    private void stalled() {
        if (!result.isDone()) {
            String reason = "nothing came for " + StallWatch.STALL.toSeconds() + " s";
            if (call != null) {
                call.cancel(reason, null);
            }
            end(Status.DEADLINE_EXCEEDED.withDescription(reason).asRuntimeException());
        }
    }

    private void end(@Nullable Throwable thrown) {
        if (watch != null) {
            watch.end();
        }
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (thrown != null) {
            result.completeExceptionally(thrown);
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
        log.error(
                "event=payload-receipt-failed session={} sequence={}",
                request.getSessionId(),
                request.getSequence(),
                bug);
        if (call != null && !result.isDone()) {
            call.cancel("a bug", bug);
        }
        end(bug);
    }
}
