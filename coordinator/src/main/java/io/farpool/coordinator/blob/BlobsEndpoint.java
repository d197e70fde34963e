package io.farpool.coordinator.blob;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.coordinator.transfer.TransferShares;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FindMissingRequest;
import io.farpool.proto.v1.FindMissingResponse;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.farpool.proto.v1.PutRequest;
import io.farpool.proto.v1.PutResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code Blobs} out of a {@link BlobStore}.
 *
 * <p>Thread-safe. Over gRPC everything that touches the disk runs on the executor given, in order per call, so event loops
 * are never held; how much waits there is bounded by the transport's own flow control. A directly joined caller of {@code
 * put} is held instead: its bytes are written where it stands.
 */
public final class BlobsEndpoint extends BlobsGrpc.BlobsImplBase {
    private static final Logger log = LoggerFactory.getLogger(BlobsEndpoint.class);

    /** Digests one FindMissing may ask for. */
    public static final int MAX_DIGESTS = 4_096;

    private final BlobStore store;
    private final Executor disk;
    private final Consumer<BlobDigest> absent;
    private final Transfers transfers;

    /**
     * @param store where the blobs are; stays the caller's to close
     * @param memory what blobs on their way may take; more are refused with UNAVAILABLE, and tried again
     * @param disk runs what reads and writes files; stays the caller's to end
     * @param absent is told of each blob that is asked for, is not here and is not on its way here; must not block
     */
    public BlobsEndpoint(BlobStore store, TransferMemory memory, Executor disk, Consumer<BlobDigest> absent) {
        this.store = store;
        this.transfers = new Transfers(memory);
        this.disk = disk;
        this.absent = absent;
    }

    /** Calls that send or receive a blob right now. */
    public int transfersInProgress() {
        return transfers.inProgress();
    }

    /** Blobs that have been stored, and were not here before. */
    public long received() {
        return transfers.received();
    }

    /** Their bytes. */
    public long receivedBytes() {
        return transfers.receivedBytes();
    }

    @Override
    public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> response) {
        if (response instanceof ServerCallStreamObserver<FindMissingResponse> call) {
            // Without a handler, answering a caller who has left throws.
            call.setOnCancelHandler(() -> log.debug("A caller of FindMissing has left"));
        }
        if (request.getDigestsCount() > MAX_DIGESTS) {
            response.onError(Status.INVALID_ARGUMENT
                    .withDescription(
                            "FindMissing takes at most " + MAX_DIGESTS + " digests, not " + request.getDigestsCount())
                    .asRuntimeException());
            return;
        }
        try {
            List<BlobDigest> digests = new ArrayList<>(request.getDigestsCount());
            for (Digest digest : request.getDigestsList()) {
                digests.add(BlobDigest.of(digest));
            }
            disk.execute(() -> answerMissing(digests, response));
        } catch (IllegalArgumentException e) {
            response.onError(
                    Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
        } catch (RejectedExecutionException e) {
            response.onError(Status.UNAVAILABLE
                    .withDescription("the coordinator is shutting down")
                    .asRuntimeException());
        }
    }

    private void answerMissing(List<BlobDigest> digests, StreamObserver<FindMissingResponse> response) {
        FindMissingResponse.Builder missing = FindMissingResponse.newBuilder();
        try {
            for (BlobDigest digest : store.findMissing(digests)) {
                missing.addMissing(digest.toWire());
            }
        } catch (IOException e) {
            response.onError(BlobStatus.of(e).asRuntimeException());
            return;
        }
        response.onNext(missing.build());
        response.onCompleted();
    }

    @Override
    public StreamObserver<PutRequest> put(StreamObserver<PutResponse> response) {
        TransferShares<Object>.Place place = transfers.beginUpload();
        if (place == null) {
            response.onError(transfers.tooManyUploads().asRuntimeException());
            return new IgnoredPut();
        }
        return new Upload(store, disk, response, transfers, place).begun();
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> response) {
        BlobDigest digest;
        try {
            digest = BlobDigest.of(request.getDigest());
        } catch (IllegalArgumentException e) {
            response.onError(
                    Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
            return;
        }
        TransferShares<Object>.Place place = transfers.beginDownload(digest);
        if (place == null) {
            response.onError(transfers.tooManyDownloads().asRuntimeException());
            return;
        }
        new Download(store, disk, digest, response, transfers, place, absent).begin();
    }
}
