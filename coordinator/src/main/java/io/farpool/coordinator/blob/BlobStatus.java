package io.farpool.coordinator.blob;

import io.farpool.blob.BlobMismatchException;
import io.farpool.blob.BlobStoreFullException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** What {@code blob.proto} says about a store's errors. */
final class BlobStatus {
    private BlobStatus() {}

    static StatusRuntimeException of(IOException error) {
        Status status;
        if (error instanceof BlobMismatchException) {
            status = Status.INVALID_ARGUMENT;
        } else if (error instanceof BlobStoreFullException full) {
            status = full.isPassing() ? Status.UNAVAILABLE : Status.RESOURCE_EXHAUSTED;
        } else {
            status = Status.INTERNAL;
        }
        return status.withDescription(error.getMessage()).asRuntimeException();
    }
}
