package io.farpool.worker.link;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.worker.socket.SocketLoop;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** A way to a coordinator: a gRPC channel, or the coordinator itself when it is in this JVM. Thread-safe. */
@FunctionalInterface
public interface CoordinatorLink {

    /**
     * Opens a stream. That there is no coordinator is told by {@code orders.onError}, as the end of every stream is, and as
     * often as it is tried; this method does not throw, and does not block.
     *
     * @param orders told what the coordinator sends, one call at a time, on any thread
     * @return takes the reports, one call at a time; never blocks
     */
    StreamObserver<Report> attach(StreamObserver<Order> orders);

    /**
     * For other conversations with the same coordinator. Null: it is in this JVM, and reads and writes the same files, so that
     * nothing but orders and reports has to travel.
     */
    default @Nullable Channel channel() {
        return null;
    }

    /**
     * A loop on the thread that orders come on and reports leave by: what comes by a socket there and goes on by the link wakes no
     * second thread. Null: there is none.
     */
    default @Nullable SocketLoop sockets() {
        return null;
    }

    /** Where it leads, for messages: "host:port". */
    default String target() {
        return "of this JVM";
    }
}
