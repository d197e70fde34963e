package io.farpool.simulation;

import io.grpc.stub.StreamObserver;

/** The requests of a call that has only one, which came with its start. */
final class Unheard<Q> implements StreamObserver<Q> {
    @Override
    public void onNext(Q request) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
}
