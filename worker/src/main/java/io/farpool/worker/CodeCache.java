package io.farpool.worker;

import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.temporary.TemporaryDirectory;
import io.farpool.worker.blob.BlobCache;
import io.farpool.worker.process.ClassDataArchives;
import io.farpool.worker.process.ClassPathSource;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A networked daemon's blob cache with what it stands on: the store, its directory, and the threads that use the disk. Archives
 * of class data are kept beside the blobs.
 */
final class CodeCache implements AutoCloseable {
    private static final int DISK_THREADS = 2;

    private final BlobStore store;
    private final BlobCache blobs;
    private final Path archives;
    private final ExecutorService disk;
    private final @Nullable TemporaryDirectory temporary;

    private CodeCache(
            BlobStore store, Channel coordinator, Duration coordinatorLoss, @Nullable TemporaryDirectory temporary) {
        this.store = store;
        this.archives = store.directory().resolve("class-data");
        this.temporary = temporary;
        this.disk = Executors.newFixedThreadPool(DISK_THREADS, task -> {
            Thread thread = new Thread(task, "farpool-disk");
            thread.setDaemon(true);
            return thread;
        });
        this.blobs = new BlobCache(store, BlobsGrpc.newStub(coordinator), disk, coordinatorLoss);
    }

    static CodeCache open(WorkerSettings settings, Channel coordinator) throws IOException {
        Path kept = settings.cacheDirectory();
        if (kept != null) {
            return new CodeCache(
                    BlobStore.open(kept, settings.blobCacheBytes()), coordinator, settings.coordinatorLoss(), null);
        }
        TemporaryDirectory temporary = TemporaryDirectory.create(TemporaryDirectory.Kind.CACHE);
        try {
            return new CodeCache(
                    BlobStore.open(temporary.path().resolve("blobs"), settings.blobCacheBytes()),
                    coordinator,
                    settings.coordinatorLoss(),
                    temporary);
        } catch (IOException | RuntimeException failed) {
            temporary.close();
            throw failed;
        }
    }

    ClassPathSource classPaths() {
        return blobs;
    }

    /** Its archives are to be closed by who takes this. */
    CodeSources sources() {
        return new CodeSources(blobs, blobs, ClassDataArchives.ofHost(archives));
    }

    /** Ends fetching, and removes a temporary directory. */
    @Override
    public void close() {
        blobs.close();
        disk.shutdown();
        store.close();
        if (temporary != null) {
            temporary.close();
        }
    }
}
