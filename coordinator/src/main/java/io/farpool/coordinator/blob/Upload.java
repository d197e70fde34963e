package io.farpool.coordinator.blob;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.blob.BlobWriter;
import io.farpool.blob.StallWatch;
import io.farpool.coordinator.transfer.TransferShares;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.farpool.wire.Protocol;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Put. Its messages are worked off in order, one at a time; at most {@link TransferMemory#UPLOAD_CHUNKS} of them are here
 * at once. However it ends, what was not committed leaves nothing behind.
 */
final class Upload implements StreamObserver<PutRequest>, SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(Upload.class);

    private final BlobStore store;
    private final StreamObserver<PutResponse> response;
    private final @Nullable ServerCallStreamObserver<PutResponse> call;
    private final Transfers transfers;
    private final TransferShares<Object>.Place place;
    private final SerialQueue<Runnable> queue;
    private final StallWatch watch;

    private final AtomicBoolean answered = new AtomicBoolean();
    /** Touched only by the caller. */
    private boolean firstSeen;

    // Touched only by what the queue runs.
    private @Nullable BlobDigest digest;
    private @Nullable BlobWriter writer;
    private boolean ended;

    /** @param place its own, which it leaves in the end */
    Upload(
            BlobStore store,
            Executor disk,
            StreamObserver<PutResponse> response,
            Transfers transfers,
            TransferShares<Object>.Place place) {
        this.store = store;
        this.response = response;
        this.call = response instanceof ServerCallStreamObserver<PutResponse> server ? server : null;
        this.transfers = transfers;
        this.place = place;
        this.queue = new SerialQueue<>(this, disk);
        this.watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
    }

    /** Asks for the first message. To be called before the RPC's handler returns. */
    Upload begun() {
        if (call != null) {
            call.disableAutoRequest();
            call.setOnCancelHandler(() -> post(this::end));
            call.request(1);
        }
        return this;
    }

    @Override
    public void onNext(PutRequest request) {
        if (!firstSeen) {
            firstSeen = true;
            if (!hasRoomFor(request)) {
                // Here and now, so that what has been sent after it does not wait for the disk too.
                place.leave();
                refuse(transfers.tooManyUploads());
                post(this::end);
                return;
            }
            if (call != null) {
                call.request(TransferMemory.UPLOAD_CHUNKS - 1);
            }
        }
        post(() -> take(request));
    }

    private boolean hasRoomFor(PutRequest first) {
        try {
            return transfers.hasRoom(place, BlobDigest.of(first.getDigest()));
        } catch (IllegalArgumentException malformed) {
            return true; // and refused as that
        }
    }

    @Override
    public void onError(Throwable brokenOff) {
        post(this::end);
    }

    @Override
    public void onCompleted() {
        post(this::commit);
    }

    private void post(Runnable step) {
        if (call == null) {
            // Joined directly: holding the caller is all the flow control there is.
            queue.post(step);
        } else {
            queue.postLater(step);
        }
    }

    private void take(PutRequest request) {
        if (ended) {
            return;
        }
        watch.progressed();
        try {
            if (digest == null && !start(request)) {
                return;
            }
            if (request.hasDigest() && !BlobDigest.of(request.getDigest()).equals(digest)) {
                throw new IllegalArgumentException(
                        "one Put stores one blob: " + digest + ", not also " + BlobDigest.of(request.getDigest()));
            }
            append(request.getChunk());
        } catch (IllegalArgumentException e) {
            fail(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            return;
        } catch (IOException e) {
            fail(e);
            return;
        }
        if (call != null) {
            call.request(1);
        }
    }

    /** Whether there is anything to store. */
    private boolean start(PutRequest first) throws IOException {
        if (!first.hasDigest()) {
            throw new IllegalArgumentException("the first message of a Put carries the digest");
        }
        digest = BlobDigest.of(first.getDigest());
        if (store.locate(digest).isPresent()) {
            succeed(true);
            return false;
        }
        writer = store.write(digest, "blob");
        transfers.brings(digest);
        return true;
    }

    private void append(ByteString chunk) throws IOException {
        if (chunk.size() > Protocol.CHUNK_BYTES) {
            throw new IllegalArgumentException(
                    "a chunk is at most " + Protocol.CHUNK_BYTES + " bytes, not " + chunk.size());
        }
        List<ByteBuffer> pieces = chunk.asReadOnlyByteBufferList();
        for (ByteBuffer piece : pieces) {
            if (writer != null) {
                writer.append(piece);
            }
        }
    }

    private void commit() {
        if (ended) {
            return;
        }
        if (writer == null) {
            fail(Status.INVALID_ARGUMENT.withDescription("the first message of a Put carries the digest; none came"));
            return;
        }
        try {
            boolean alreadyThere = writer.commit();
            if (!alreadyThere && digest != null) {
                transfers.stored(digest.sizeBytes());
            }
            succeed(alreadyThere);
        } catch (IOException e) {
            fail(e);
        }
    }

    private void succeed(boolean alreadyThere) {
        end();
        if (answered.compareAndSet(false, true)) {
            response.onNext(
                    PutResponse.newBuilder().setAlreadyThere(alreadyThere).build());
            response.onCompleted();
        }
    }

    private void fail(IOException error) {
        log.warn("A blob could not be stored digest={} reason={}", digest, error.toString());
        end();
        refuse(BlobStatus.of(error));
    }

    private void fail(Status status) {
        log.debug("Refused a Put digest={} status={}", digest, status);
        end();
        refuse(status);
    }

    private void refuse(Status status) {
        if (answered.compareAndSet(false, true)) {
            response.onError(status.asRuntimeException());
        }
    }

    private void stalled() {
        if (!ended) {
            fail(Status.DEADLINE_EXCEEDED.withDescription("nothing came for " + StallWatch.STALL.toSeconds() + " s"));
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        watch.end();
        place.leave();
        if (writer != null) {
            writer.close();
            writer = null;
            if (digest != null) {
                transfers.brought(digest);
            }
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
        log.error("A Put failed unexpectedly digest={}", digest, bug);
        if (!ended) {
            fail(Status.INTERNAL.withDescription(bug.toString()));
        }
    }
}
