package io.farpool.coordinator.blob;

import io.farpool.proto.v1.PutRequest;
import io.grpc.stub.StreamObserver;

/** What still comes of an upload that has been refused. */
public final class IgnoredPut implements StreamObserver<PutRequest> {
    @Override
    public void onNext(PutRequest request) {}

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {}
}
