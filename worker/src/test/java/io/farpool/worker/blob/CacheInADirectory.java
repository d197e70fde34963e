package io.farpool.worker.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Digest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cache in a directory of its own, and the coordinator that it fetches from. */
abstract class CacheInADirectory {
    @TempDir
    Path directory;

    final ExecutorService disk = Executors.newFixedThreadPool(2);
    final TestBlobs blobs = new TestBlobs();
    ManagedChannel channel;
    BlobStore store;
    BlobCache cache;
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = InProcessServerBuilder.forName("cache")
                .directExecutor()
                .addService(blobs)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("cache").directExecutor().build();
        open(32L << 20);
    }

    final void open(long limitBytes) throws IOException {
        if (store != null) {
            cache.close();
            store.close();
        }
        store = BlobStore.open(directory, limitBytes);
        cache = new BlobCache(store, BlobsGrpc.newStub(channel), disk);
    }

    @AfterEach
    void stop() throws InterruptedException {
        blobs.mayAnswer.countDown();
        cache.close();
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        disk.shutdown();
        assertThat(disk.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        store.close();
    }

    static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** An entry whose content the coordinator has. */
    final BundleEntry entry(String name, byte[] content) {
        BlobDigest digest = BlobDigest.ofBytes(content);
        blobs.contents.put(digest, content);
        return BundleEntry.newBuilder().setName(name).setDigest(digest.toWire()).build();
    }

    static Bundle bundle(BundleEntry... entries) {
        return Bundle.newBuilder().addAllEntries(Arrays.asList(entries)).build();
    }

    static List<Path> got(CompletionStage<List<Path>> resolving) throws Exception {
        return resolving.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    static Throwable failure(CompletionStage<?> resolving) throws Exception {
        try {
            throw new AssertionError(
                    "resolved to " + resolving.toCompletableFuture().get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    final void awaitGets(int gets) {
        await(() -> blobs.gets.get() >= gets);
    }

    final void awaitAsked(BlobDigest digest) {
        await(() -> blobs.asked.contains(digest));
    }

    static void await(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    final List<Path> filesOnDisk() {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("lock"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final Digest shared(byte[] content) {
        BlobDigest digest = BlobDigest.ofBytes(content);
        blobs.contents.put(digest, content);
        return digest.toWire();
    }

    static Path gotShared(CompletionStage<Path> fetching) throws Exception {
        return fetching.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
