package io.farpool.payload;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.SendRequest;
import io.farpool.proto.v1.SendResponse;
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
 * One Send of one payload's file, or the word that it is gone. Chunks are read only when the transport is ready for them, so
 * a slow line holds one or two in memory. Thread-safe.
 */
public final class PayloadDispatch
        implements ClientResponseObserver<SendRequest, SendResponse>, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(PayloadDispatch.class);

    /** Less than what a transport lets through at once on its narrowest line, so that the next is on its way before one has arrived. */
    private static final int PIECE_BYTES = 256 << 10;

    private final long transfer;
    private final @Nullable PayloadFile file;
    private final Executor disk;
    private final SerialQueue<Runnable> queue;
    private final CompletableFuture<Long> result = new CompletableFuture<>();

    // Touched only by what the queue runs.
    private @Nullable ClientCallStreamObserver<SendRequest> call;
    private @Nullable InputStream in;
    private @Nullable StallWatch watch;
    private long sentBytes;
    private boolean halfClosed;
    private @Nullable IOException unreadable;

    /**
     * @param transfer what it was asked for by
     * @param file null: it is not here (any more)
     * @param disk runs what blocks on it
     */
    public PayloadDispatch(long transfer, @Nullable PayloadFile file, Executor disk) {
        this.transfer = transfer;
        this.file = file;
        this.disk = disk;
        this.queue = new SerialQueue<>(this, disk);
    }

    /**
     * Begins. The result is how many bytes the receiver's side has taken. It fails with an IOException if the file cannot be
     * read, of which the receiver is told; or with a status, from which nothing follows here, since a receiver that still wants
     * the payload has it asked for again.
     */
    public CompletableFuture<Long> start(PayloadsGrpc.PayloadsStub payloads) {
        queue.postLater(() -> {
            payloads.send(this);
            watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
            if (call == null) {
                return;
            }
            if (file == null) {
                sendGone(SendRequest.newBuilder().setTransfer(transfer), SendRequest.Gone.getDefaultInstance());
                return;
            }
            try {
                in = Files.newInputStream(file.path());
            } catch (IOException e) {
                sendUnreadable(SendRequest.newBuilder().setTransfer(transfer), e);
                return;
            }
            call.onNext(SendRequest.newBuilder().setTransfer(transfer).build());
            sendWhileReady();
        });
        return result;
    }

    /** Said whenever it turns out: a call that is only broken off would be tried again, and again. */
    private void sendUnreadable(SendRequest.Builder message, IOException e) {
        unreadable = e;
        sendGone(
                message,
                SendRequest.Gone.newBuilder()
                        .setUnreadable(true)
                        .setMessage("the payload's file cannot be read: " + e)
                        .build());
    }

    private void sendGone(SendRequest.Builder message, SendRequest.Gone gone) {
        if (call != null) {
            call.onNext(message.setGone(gone).build());
            halfClose();
        }
    }

    private void halfClose() {
        halfClosed = true;
        if (call != null) {
            call.onCompleted();
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SendRequest> begun) {
        call = begun;
        begun.setOnReadyHandler(() -> queue.postLater(this::sendWhileReady));
    }

    private void sendWhileReady() {
        while (in != null && call != null && watch != null && !halfClosed && call.isReady()) {
            byte[] chunk = new byte[PIECE_BYTES];
            int length;
            try {
                length = in.readNBytes(chunk, 0, PIECE_BYTES);
            } catch (IOException e) {
                sendUnreadable(SendRequest.newBuilder(), e);
                return;
            }
            if (length == 0) {
                halfClose();
                return;
            }
            // The array is nobody else's.
            ByteString bytes = UnsafeByteOperations.unsafeWrap(chunk, 0, length);
            call.onNext(SendRequest.newBuilder().setData(bytes).build());
            sentBytes += length;
            watch.progressed();
        }
    }

    @Override
    public void onNext(SendResponse response) {
        // That it has ended well says it all.
    }

    @Override
    public void onError(Throwable thrown) {
        queue.postLater(() -> end(thrown));
    }

    @Override
    public void onCompleted() {
        queue.postLater(() -> end(null));
    }

    private void stalled() {
        if (call != null && !result.isDone()) {
            String reason = "nothing could be sent for " + StallWatch.STALL.toSeconds() + " s";
            call.cancel(reason, null);
            end(Status.DEADLINE_EXCEEDED.withDescription(reason).asRuntimeException());
        }
    }

    private void end(@Nullable Throwable thrown) {
        if (watch != null) {
            watch.end();
        }
        if (in != null) {
            try {
                in.close();
            } catch (IOException e) {
                log.debug("event=close-failed file={} reason=\"{}\"", file, e.toString());
            }
            in = null;
        }
        if (unreadable != null) {
            result.completeExceptionally(unreadable);
        } else if (thrown != null) {
            result.completeExceptionally(thrown);
        } else {
            result.complete(sentBytes);
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
        log.error("event=payload-dispatch-failed transfer={}", transfer, bug);
        if (call != null && !result.isDone()) {
            call.cancel("a bug", bug);
        }
        end(bug);
    }
}
