package io.farpool.worker;

import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.worker.blob.BlobCache;
import io.farpool.worker.process.ClassPathSource;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A networked daemon's blob cache with what it stands on: the store, its directory, and the threads that use the disk. */
final class CodeCache implements AutoCloseable {
    private static final int DISK_THREADS = 2;
    private static final Logger log = LoggerFactory.getLogger(CodeCache.class);

    private final BlobStore store;
    private final BlobCache blobs;
    private final ExecutorService disk;
    private final @Nullable Path temporary;

    private CodeCache(BlobStore store, Channel coordinator, @Nullable Path temporary) {
        this.store = store;
        this.temporary = temporary;
        this.disk = Executors.newFixedThreadPool(DISK_THREADS, task -> {
            Thread thread = new Thread(task, "farpool-disk");
            thread.setDaemon(true);
            return thread;
        });
        this.blobs = new BlobCache(store, BlobsGrpc.newStub(coordinator), disk);
    }

    static CodeCache open(WorkerSettings settings, Channel coordinator) throws IOException {
        Path kept = settings.cacheDirectory();
        Path directory = kept != null
                ? kept
                : Files.createTempDirectory(
                        "farpool-cache-" + ProcessHandle.current().pid() + "-");
        return new CodeCache(
                BlobStore.open(directory, settings.blobCacheBytes()), coordinator, kept != null ? null : directory);
    }

    ClassPathSource classPaths() {
        return blobs;
    }

    /** Ends fetching, and removes a temporary directory. */
    @Override
    public void close() {
        blobs.close();
        disk.shutdown();
        store.close();
        if (temporary != null && Files.exists(temporary)) {
            remove(temporary);
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> walk = Files.walk(directory)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failure) {
            log.warn("event=directory-not-removed directory={} reason=\"{}\"", directory, failure.toString());
        }
    }
}
