package io.farpool.coordinator.blob;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobMismatchException;
import io.farpool.blob.BlobReader;
import io.farpool.blob.BlobStore;
import io.farpool.blob.StallWatch;
import io.farpool.coordinator.transfer.TransferShares;
import io.farpool.proto.v1.GetResponse;
import io.farpool.wire.SerialQueue;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Get: sends pieces while the receiver is ready for them, and reads no further than that. */
final class Download implements SerialQueue.Core<Runnable> {
    private static final Logger log = LoggerFactory.getLogger(Download.class);

    private final BlobStore store;
    private final BlobDigest digest;
    private final StreamObserver<GetResponse> response;
    private final @Nullable ServerCallStreamObserver<GetResponse> call;
    private final Transfers transfers;
    private final TransferShares<Object>.Place place;
    private final Consumer<BlobDigest> absent;
    private final SerialQueue<Runnable> queue;
    private final StallWatch watch;

    // Touched only by what the queue runs.
    private @Nullable BlobReader reader;
    private boolean ended;

    /**
     * @param place its own, which it leaves in the end
     * @param absent is told if it is not here
     */
    Download(
            BlobStore store,
            Executor disk,
            BlobDigest digest,
            StreamObserver<GetResponse> response,
            Transfers transfers,
            TransferShares<Object>.Place place,
            Consumer<BlobDigest> absent) {
        this.store = store;
        this.absent = absent;
        this.digest = digest;
        this.response = response;
        this.call = response instanceof ServerCallStreamObserver<GetResponse> server ? server : null;
        this.transfers = transfers;
        this.place = place;
        this.queue = new SerialQueue<>(this, disk);
        this.watch = StallWatch.start(StallWatch.STALL, disk, () -> queue.postLater(this::stalled));
    }

    /** To be called before the RPC's handler returns. */
    void begin() {
        if (call != null) {
            call.setOnReadyHandler(() -> queue.postLater(this::send));
            call.setOnCancelHandler(() -> queue.postLater(this::end));
        }
        queue.postLater(this::open);
    }

    private void open() {
        if (ended) {
            return;
        }
        try {
            reader = store.read(digest).orElse(null);
        } catch (IOException e) {
            fail(BlobStatus.of(e).asRuntimeException());
            return;
        }
        if (reader == null && transfers.isOnItsWayUp(digest)) {
            fail(Status.UNAVAILABLE
                    .withDescription("blob " + digest + " is on its way here: try again")
                    .asRuntimeException());
            return;
        }
        if (reader == null) {
            notFound("blob " + digest + " is not here");
            return;
        }
        send();
    }

    private void send() {
        while (!ended && reader != null && (call == null || call.isReady())) {
            byte[] chunk;
            try {
                chunk = reader.next(TransferMemory.DOWNLOAD_PIECE_BYTES);
            } catch (BlobMismatchException e) {
                notFound(String.valueOf(e.getMessage()));
                return;
            } catch (IOException e) {
                fail(Status.INTERNAL
                        .withDescription("cannot read blob " + digest + ": " + e)
                        .asRuntimeException());
                return;
            }
            if (chunk == null) {
                end();
                response.onCompleted();
                return;
            }
            watch.progressed();
            // The array is nobody else's.
            response.onNext(GetResponse.newBuilder()
                    .setChunk(UnsafeByteOperations.unsafeWrap(chunk))
                    .build());
        }
    }

    private void notFound(String message) {
        absent.accept(digest);
        fail(Status.NOT_FOUND.withDescription(message).asRuntimeException());
    }

    private void fail(RuntimeException status) {
        log.debug("Refused a Get digest={} status={}", digest, status.getMessage());
        end();
        response.onError(status);
    }

    private void stalled() {
        if (!ended) {
            fail(Status.DEADLINE_EXCEEDED
                    .withDescription("nothing was read for " + StallWatch.STALL.toSeconds() + " s")
                    .asRuntimeException());
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        watch.end();
        place.leave();
        if (reader != null) {
            try {
                reader.close();
            } catch (IOException e) {
                log.debug("Cannot close a blob's file digest={} reason={}", digest, e.toString());
            }
            reader = null;
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
        log.error("A Get failed unexpectedly digest={}", digest, bug);
        if (!ended) {
            fail(Status.INTERNAL.withDescription(bug.toString()).asRuntimeException());
        }
    }
}
