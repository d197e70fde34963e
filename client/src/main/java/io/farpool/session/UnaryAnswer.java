package io.farpool.session;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The one answer of a call, as a future to wait for. */
record UnaryAnswer<T>(CompletableFuture<T> future) implements StreamObserver<T> {
    @Override
    public void onNext(T answer) {
        future.complete(answer);
    }

    @Override
    public void onError(Throwable error) {
        future.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {}
}
