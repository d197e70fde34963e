package io.farpool.embedded;

import io.farpool.coordinator.Coordinator;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.worker.link.CoordinatorLink;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's way to the coordinator: a method call. Who needs the coordinator first makes it, which is the daemon as it attaches: by
 * then a process is being started. It is made once, or not at all. Thread-safe.
 */
final class DirectLink implements CoordinatorLink {
    private final Supplier<Coordinator> maker;

    // Guarded by this.
    private @Nullable Coordinator coordinator;

    private @Nullable Throwable failure;

    DirectLink(Supplier<Coordinator> maker) {
        this.maker = maker;
    }

    /** @throws IllegalStateException if it cannot be made: then nobody ever attaches to one */
    synchronized Coordinator coordinator() {
        if (coordinator == null && failure == null) {
            make();
        }
        if (coordinator == null) {
            throw new IllegalStateException(
                    "the coordinator of an embedded pool could not be made: " + failure, failure);
        }
        return coordinator;
    }

    private void make() {
        try {
            coordinator = maker.get();
        } catch (RuntimeException | Error notMade) {
            failure = notMade;
        }
    }

    /** Throws if there is no coordinator: then {@link EmbeddedCluster#start} has thrown, or is about to, and ends the daemon. */
    @Override
    public StreamObserver<Report> attach(StreamObserver<Order> orders) {
        return coordinator().hosts().attach(orders);
    }

    @Override
    public String target() {
        return "this JVM";
    }
}
