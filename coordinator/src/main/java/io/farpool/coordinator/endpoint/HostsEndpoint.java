package io.farpool.coordinator.endpoint;

import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.wire.SerialQueue;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The hosts' service, as worker.proto specifies it. Thread-safe. */
final class HostsEndpoint extends HostsGrpc.HostsImplBase {
    private final Switchboard switchboard;
    private final SerialQueue<Runnable> queue;

    HostsEndpoint(Switchboard switchboard, SerialQueue<Runnable> queue) {
        this.switchboard = switchboard;
        this.queue = queue;
    }

    @Override
    public StreamObserver<Report> attach(StreamObserver<Order> observer) {
        HostStream stream = new HostStream(switchboard, queue, new OutStream<>("attach", observer));
        if (observer instanceof ServerCallStreamObserver<Order> call) {
            call.setOnCancelHandler(() -> queue.post(stream::broke));
        }
        return stream;
    }
}
