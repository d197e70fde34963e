package io.farpool.cli;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.coordinator.blob.BlobsEndpoint;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A coordinator's blobs: the store in its directory, the threads that touch the disk, the service in front. Thread-safe. */
final class BlobService implements AutoCloseable {
    /** Disks gain little from more; a download is mostly the network's. */
    private static final int DISK_THREADS = 2;

    private final BlobStore store;
    private final ExecutorService disk;
    private final BlobsEndpoint endpoint;

    private BlobService(BlobStore store) {
        this.store = store;
        this.disk = Executors.newFixedThreadPool(DISK_THREADS, task -> {
            Thread thread = new Thread(task, "farpool-disk");
            thread.setDaemon(true);
            return thread;
        });
        this.endpoint = new BlobsEndpoint(store, disk);
    }

    static BlobService open(Path directory, long limitBytes) throws IOException {
        return new BlobService(BlobStore.open(directory, limitBytes));
    }

    BlobsGrpc.BlobsImplBase endpoint() {
        return endpoint;
    }

    boolean has(Digest digest) {
        try {
            return store.findMissing(List.of(BlobDigest.of(digest))).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        disk.shutdown();
        if (!disk.awaitTermination(2, TimeUnit.SECONDS)) {
            disk.shutdownNow();
        }
        store.close();
    }
}
