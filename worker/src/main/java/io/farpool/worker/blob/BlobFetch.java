package io.farpool.worker.blob;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.blob.BlobWriter;
import io.farpool.blob.StallWatch;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try to fetch one blob into the store. Chunks are written in order on the disk's executor; at most {@link
 * #WINDOW_CHUNKS} are here at once.
 */
final class BlobFetch implements ClientResponseObserver<GetRequest, GetResponse>, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(BlobFetch.class);

    /** One chunk is written while the next is on the wire. */
    private static final int WINDOW_CHUNKS = 2;

    private final BlobStore store;
    private final BlobDigest digest;
    private final String name;
    private final Executor disk;
    private final SerialQueue<Runnable> queue;
    private final CompletableFuture<Path> result = new CompletableFuture<>();

    // Touched only by what the queue runs.
    private @Nullable ClientCallStreamObserver<GetRequest> call;
    private @Nullable BlobWriter writer;
    private @Nullable StallWatch watch;

    BlobFetch(BlobStore store, BlobDigest digest, String name, Executor disk) {
        this.store = store;
        this.digest = digest;
        this.name = name;
        this.disk = disk;
        this.queue = new SerialQueue<>(this, disk);
    }

    /** Begins; the result is the file in the store, or fails with a status or an IOException. */
    CompletableFuture<Path> start(BlobsGrpc.BlobsStub blobs) {
        queue.postLater(() -> {
            try {
                // Its room first: a full disk is known before anything has been sent for it.
                writer = store.write(digest, name);
            } catch (IOException e) {
                end(e);
                return;
            }
            watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
            blobs.get(GetRequest.newBuilder().setDigest(digest.toWire()).build(), this);
        });
        return result;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GetRequest> begun) {
        call = begun;
        begun.disableAutoRequestWithInitial(WINDOW_CHUNKS);
    }

    @Override
    public void onNext(GetResponse response) {
        queue.postLater(() -> take(response.getChunk()));
    }

    @Override
    public void onError(Throwable thrown) {
        queue.postLater(() -> end(thrown));
    }

    @Override
    public void onCompleted() {
        queue.postLater(this::commit);
    }

    private void take(ByteString chunk) {
        if (writer == null || call == null || watch == null) {
            return;
        }
        watch.progressed();
        try {
            for (ByteBuffer piece : chunk.asReadOnlyByteBufferList()) {
                writer.append(piece);
            }
        } catch (IOException e) {
            call.cancel("the host cannot keep what it is sent: " + e.getMessage(), e);
            end(e);
            return;
        }
        call.request(1);
    }

    private void commit() {
        if (writer == null) {
            return;
        }
        Path file;
        try {
            writer.commit();
            file = store.locate(digest).orElseThrow(() -> new IOException("it was discarded as soon as it was stored"));
        } catch (IOException e) {
            end(e);
            return;
        }
        writer = null;
        end(null);
        result.complete(file);
    }

    private void stalled() {
        if (result.isDone() || call == null) {
            return;
        }
        call.cancel("nothing came for " + StallWatch.STALL.toSeconds() + " s", null);
        end(Status.DEADLINE_EXCEEDED
                .withDescription("nothing came for " + StallWatch.STALL.toSeconds() + " s")
                .asRuntimeException());
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
        log.error("A fetch failed unexpectedly digest={}", digest, bug);
        end(bug);
    }
}
