package io.farpool.coordinator.endpoint;

import io.farpool.wire.SerialQueue;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * The way into the switchboard for one caller: its own threads work there in turn, a user's threads do as little as
 * possible.
 */
record Entrance(SerialQueue<Runnable> queue, boolean usersThread) {

    /** A call that came through gRPC stands on gRPC's thread; one that was joined directly may stand on a user's. */
    static Entrance forCaller(SerialQueue<Runnable> queue, StreamObserver<?> caller) {
        return new Entrance(queue, !(caller instanceof ServerCallStreamObserver<?>));
    }

    void post(Runnable event) {
        if (usersThread) {
            queue.postFromUser(event);
        } else {
            queue.post(event);
        }
    }
}
