package io.farpool.coordinator.blob;

import io.farpool.blob.BlobMismatchException;
import io.farpool.blob.BlobStoreFullException;
import io.farpool.blob.BlobStoreUnavailableException;
import io.grpc.Status;
import java.io.IOException;

/** What {@code blob.proto} says about a store's errors. */
final class BlobStatus {
    private BlobStatus() {}

    static Status of(IOException error) {
        Status status;
        if (error instanceof BlobMismatchException) {
            status = Status.INVALID_ARGUMENT;
        } else if (error instanceof BlobStoreFullException full) {
            status = full.isPassing() ? Status.UNAVAILABLE : Status.RESOURCE_EXHAUSTED;
        } else if (error instanceof BlobStoreUnavailableException) {
            status = Status.UNAVAILABLE;
        } else {
            // Not INTERNAL, with which transports break off too, so that it counts as passing.
            status = Status.DATA_LOSS;
        }
        return status.withDescription(error.getMessage());
    }
}
