package io.farpool.bundle;

import io.farpool.blob.BlobStore;
import io.farpool.coordinator.blob.BlobsEndpoint;
import io.farpool.coordinator.blob.TransferMemory;
import io.farpool.proto.v1.BlobsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A coordinator's blobs, with a store of its own, behind an in-process channel. */
final class Coordinator implements AutoCloseable {
    final ExecutorService disk = Executors.newFixedThreadPool(2);
    /** What each step of the coordinator's on its disk waits before. */
    volatile Duration slowness = Duration.ZERO;

    final BlobStore store;
    final BlobsEndpoint endpoint;
    private final Server server;
    private final ManagedChannel channel;

    Coordinator(Path directory, long limitBytes) throws IOException {
        this(directory, limitBytes, new TransferMemory(64L << 20, 1 << 20));
    }

    Coordinator(Path directory, long limitBytes, TransferMemory memory) throws IOException {
        store = BlobStore.open(directory, limitBytes);
        endpoint = new BlobsEndpoint(store, memory, this::executeSlowly, absent -> {});
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .directExecutor()
                .addService(endpoint)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    }

    private void executeSlowly(Runnable step) {
        if (slowness.isZero()) {
            disk.execute(step);
        } else {
            CompletableFuture.delayedExecutor(slowness.toMillis(), TimeUnit.MILLISECONDS, disk)
                    .execute(step);
        }
    }

    BlobsGrpc.BlobsStub blobs() {
        return BlobsGrpc.newStub(channel);
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        if (!channel.awaitTermination(20, TimeUnit.SECONDS) || !server.awaitTermination(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server does not end");
        }
        disk.shutdown();
        if (!disk.awaitTermination(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the disk's threads do not end");
        }
        store.close();
    }
}
