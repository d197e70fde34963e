package io.farpool.cli;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.coordinator.blob.BlobsEndpoint;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A coordinator's blobs: the store in its directory, the threads that touch the disk, the service in front. Thread-safe. */
final class BlobService implements AutoCloseable {
    /** Disks gain little from more; a download is mostly the network's. */
    private static final int DISK_THREADS = 2;

    private final BlobStore store;
    private final ExecutorService disk;
    private final BlobsEndpoint endpoint;
    private final @Nullable Path temporary;

    private BlobService(BlobStore store, @Nullable Path temporary) {
        this.store = store;
        this.temporary = temporary;
        this.disk = Executors.newFixedThreadPool(DISK_THREADS, task -> {
            Thread thread = new Thread(task, "farpool-disk");
            thread.setDaemon(true);
            return thread;
        });
        this.endpoint = new BlobsEndpoint(store, disk);
    }

    /** {@code directory}: null for a temporary one, removed at the end. */
    static BlobService open(@Nullable Path directory, long limitBytes) throws CommandFailedException, IOException {
        if (directory == null) {
            Path temporary = Files.createTempDirectory("farpool-coordinator-");
            return new BlobService(BlobStore.open(temporary, limitBytes), temporary);
        }
        try {
            return new BlobService(BlobStore.open(directory, limitBytes), null);
        } catch (IOException e) {
            throw new CommandFailedException(
                    "--data-dir is '" + directory + "', expected a directory of its own that may be written ("
                            + e.getMessage() + ")",
                    e);
        }
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
    public void close() throws IOException, InterruptedException {
        disk.shutdown();
        if (!disk.awaitTermination(2, TimeUnit.SECONDS)) {
            disk.shutdownNow();
        }
        store.close();
        if (temporary != null) {
            try (Stream<Path> files = Files.walk(temporary)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
