package io.farpool.bench.floor;

import io.grpc.stub.StreamObserver;

/** One end's ear. Streams end only with their processes. */
abstract class Incoming implements StreamObserver<byte[]> {
    @Override
    public void onError(Throwable failure) {
        // The other process has ended, or this one is about to.
    }

    @Override
    public void onCompleted() {
        // As above.
    }
}
