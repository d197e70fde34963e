package io.farpool.worker.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.GetRequest;
import io.farpool.proto.v1.GetResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
    private static final int CHUNK_BYTES = 1 << 20;

    @TempDir
    Path directory;

    private final ExecutorService disk = Executors.newFixedThreadPool(2);
    private final Blobs blobs = new Blobs();
    private BlobStore store;
    private Server server;
    private ManagedChannel channel;
    private BlobCache cache;

    /** A coordinator's end that can be told to misbehave. */
    private static final class Blobs extends BlobsGrpc.BlobsImplBase {
        final Map<BlobDigest, byte[]> contents = new ConcurrentHashMap<>();
        final AtomicInteger gets = new AtomicInteger();
        final AtomicInteger failuresLeft = new AtomicInteger();
        final CountDownLatch mayAnswer = new CountDownLatch(1);
        volatile Status failure = Status.UNAVAILABLE;
        final AtomicInteger damagedLeft = new AtomicInteger();
        volatile boolean hold;

        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> response) {
            gets.incrementAndGet();
            if (hold) {
                new Thread(() -> answerWhenAllowed(request, response)).start();
            } else {
                answer(request, response);
            }
        }

        private void answerWhenAllowed(GetRequest request, StreamObserver<GetResponse> response) {
            try {
                if (!mayAnswer.await(30, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
            answer(request, response);
        }

        private void answer(GetRequest request, StreamObserver<GetResponse> response) {
            byte[] content = contents.get(BlobDigest.of(request.getDigest()));
            boolean fails = failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            if (content == null) {
                response.onError(
                        Status.NOT_FOUND.withDescription("it is not here").asRuntimeException());
                return;
            }
            byte[] sent = content.clone();
            if (damagedLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                sent[sent.length / 2] ^= 1;
            }
            int most = fails ? sent.length / 2 : sent.length;
            for (int from = 0; from < most; from += CHUNK_BYTES) {
                response.onNext(GetResponse.newBuilder()
                        .setChunk(ByteString.copyFrom(sent, from, Math.min(CHUNK_BYTES, most - from)))
                        .build());
            }
            if (fails) {
                response.onError(failure.asRuntimeException());
            } else {
                response.onCompleted();
            }
        }
    }

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

    private void open(long limitBytes) throws IOException {
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

    private static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** An entry whose content the coordinator has. */
    private BundleEntry entry(String name, byte[] content) {
        BlobDigest digest = BlobDigest.ofBytes(content);
        blobs.contents.put(digest, content);
        return BundleEntry.newBuilder().setName(name).setDigest(digest.toWire()).build();
    }

    private static Bundle bundle(BundleEntry... entries) {
        return Bundle.newBuilder().addAllEntries(Arrays.asList(entries)).build();
    }

    private static List<Path> got(CompletionStage<List<Path>> resolving) throws Exception {
        return resolving.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletionStage<?> resolving) throws Exception {
        try {
            throw new AssertionError(
                    "resolved to " + resolving.toCompletableFuture().get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private void awaitGets(int gets) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (blobs.gets.get() < gets) {
            assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    private List<Path> filesOnDisk() {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("lock"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aBundleBecomesFilesInItsOrderAndIsFetchedOnce() throws Exception {
        byte[] large = bytes(1, 3 * CHUNK_BYTES + 5);
        Bundle bundle = bundle(
                entry("app.jar", large),
                entry("classes", bytes(2, 100)),
                entry("empty.zip", new byte[0]),
                entry("same-as-classes.jar", bytes(2, 100)));

        List<Path> paths = got(cache.resolve("s1", bundle));

        assertThat(paths)
                .extracting(path -> path.getFileName().toString())
                .containsExactly("app.jar", "classes.jar", "empty.zip.jar");
        assertThat(paths.get(0)).hasBinaryContent(large);
        assertThat(paths).allMatch(Path::isAbsolute);
        assertThat(blobs.gets).hasValue(3);
        assertThat(got(cache.resolve("s2", bundle))).isEqualTo(paths);
        assertThat(blobs.gets).hasValue(3);
    }

    @Test
    void aRestartedHostFetchesNothingAgainThatIsWhole() throws Exception {
        BundleEntry a = entry("a.jar", bytes(1, 5_000));
        BundleEntry b = entry("b.jar", bytes(2, 5_000));
        List<Path> before = got(cache.resolve("s", bundle(a, b)));
        cache.close();
        store.close();
        Files.write(before.get(1), new byte[5_000]);
        open(32L << 20);

        List<Path> after = got(cache.resolve("s", bundle(a, b)));

        assertThat(after).isEqualTo(before);
        assertThat(after.get(1)).hasBinaryContent(bytes(2, 5_000));
        assertThat(blobs.gets).hasValue(3);
    }

    @Test
    void severalSessionsThatAskAtOnceShareOneFetch() throws Exception {
        blobs.hold = true;
        Bundle bundle = bundle(entry("a.jar", bytes(1, 2 * CHUNK_BYTES)));
        List<CompletionStage<List<Path>>> resolving = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            resolving.add(cache.resolve("s" + i, bundle));
        }
        blobs.mayAnswer.countDown();

        for (CompletionStage<List<Path>> one : resolving) {
            assertThat(got(one)).isEqualTo(got(resolving.get(0)));
        }
        assertThat(blobs.gets).hasValue(1);
    }

    @Test
    void moreEntriesThanAreFetchedAtOnceAllCome() throws Exception {
        List<BundleEntry> entries = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            entries.add(entry("lib" + i + ".jar", bytes(i, 1_000 + i)));
        }
        List<Path> paths = got(
                cache.resolve("s", Bundle.newBuilder().addAllEntries(entries).build()));

        assertThat(paths).hasSize(300);
        assertThat(paths.get(299)).hasFileName("lib299.jar").hasBinaryContent(bytes(299, 1_299));
    }

    @Test
    void aFetchThatBreaksOffIsTriedAgain() throws Exception {
        blobs.failuresLeft.set(2);
        assertThat(got(cache.resolve("s", bundle(entry("a.jar", bytes(1, 3 * CHUNK_BYTES))))))
                .hasSize(1);
        assertThat(blobs.gets).hasValue(3);
        assertThat(filesOnDisk()).hasSize(1);
    }

    @Test
    void damagedBytesAreNeverKept() throws Exception {
        blobs.damagedLeft.set(1);
        byte[] content = bytes(1, 2 * CHUNK_BYTES);
        List<Path> paths = got(cache.resolve("s", bundle(entry("a.jar", content))));
        assertThat(paths.get(0)).hasBinaryContent(content);
        assertThat(blobs.gets).hasValue(2);

        blobs.damagedLeft.set(Integer.MAX_VALUE);
        byte[] other = bytes(2, 2_000);
        Throwable failure = failure(cache.resolve("s", bundle(entry("b.jar", other))));

        assertThat(failure)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'b.jar'")
                .hasMessageContaining("expected blob")
                .hasMessageContaining(BlobDigest.ofBytes(other).hex());
        assertThat(blobs.gets).hasValue(2 + Patience.MAX_ATTEMPTS);
        assertThat(filesOnDisk()).isEqualTo(paths);
    }

    @Test
    void whatTheCoordinatorDoesNotHaveFailsWithItsNameDigestAndReason() throws Exception {
        cache.close();
        cache = new BlobCache(
                store,
                BlobsGrpc.newStub(channel),
                disk,
                new Patience.Limits(Duration.ofMillis(200), Duration.ofMinutes(1)));
        BlobDigest absent = BlobDigest.ofBytes(bytes(9, 10));
        Throwable failure = failure(cache.resolve(
                "s",
                bundle(BundleEntry.newBuilder()
                        .setName("gone.jar")
                        .setDigest(absent.toWire())
                        .build())));

        assertThat(failure).hasMessage("cannot have 'gone.jar', blob " + absent + ": NOT_FOUND: it is not here");
        assertThat(blobs.gets).hasValueGreaterThan(1);
        assertThat(filesOnDisk()).isEmpty();
    }

    @Test
    void whatTheCoordinatorDoesNotHaveYetIsWaitedFor() throws Exception {
        byte[] content = bytes(1, 5_000);
        CompletionStage<List<Path>> resolving = cache.resolve(
                "s",
                bundle(BundleEntry.newBuilder()
                        .setName("late.jar")
                        .setDigest(BlobDigest.ofBytes(content).toWire())
                        .build()));
        awaitGets(2);
        BundleEntry ignored = entry("late.jar", content);
        assertThat(got(resolving).get(0)).hasBinaryContent(content);
    }

    @Test
    void entriesWithoutADigestAreRefused() throws Exception {
        BundleEntry inPlace =
                BundleEntry.newBuilder().setName("/opt/app/lib.jar").build();
        assertThat(failure(cache.resolve("s", bundle(inPlace))))
                .hasMessage(
                        "the bundle's entry '/opt/app/lib.jar' has no digest: a path on the client's machine cannot "
                                + "be used on this host");
        BundleEntry malformed = BundleEntry.newBuilder()
                .setName("x.jar")
                .setDigest(Digest.newBuilder().setSha256(ByteString.copyFromUtf8("short")))
                .build();
        assertThat(failure(cache.resolve("s", bundle(malformed))))
                .hasMessage("the bundle's entry 'x.jar' is malformed: a digest's sha256 is 32 bytes, not 5");
        assertThat(blobs.gets).hasValue(0);
    }

    @Test
    void namesFromTheWireNeverLeaveTheCache() throws Exception {
        Path outside = directory.resolveSibling("evil.jar");
        List<Path> paths = got(cache.resolve(
                "s",
                bundle(
                        entry("../../../../" + outside.getFileName(), bytes(1, 10)),
                        entry(outside.toString(), bytes(2, 10)),
                        entry("..", bytes(3, 10)),
                        entry("a:b.jar", bytes(4, 10)))));

        assertThat(paths)
                .allMatch(path -> path.normalize().startsWith(directory))
                .allMatch(path -> path.toString().endsWith(".jar"))
                .noneMatch(path -> path.toString().contains(":"));
        assertThat(outside).doesNotExist();
    }

    @Test
    void whatASessionHasResolvedStaysUntilItIsReleased() throws Exception {
        open(2L << 20);
        BundleEntry first = entry("first.jar", bytes(1, CHUNK_BYTES));
        BundleEntry second = entry("second.jar", bytes(2, 2 * CHUNK_BYTES));
        Path held = got(cache.resolve("s1", bundle(first))).get(0);

        assertThat(failure(cache.resolve("s2", bundle(second))))
                .hasMessageContaining("cannot have 'second.jar'")
                .hasMessageContaining("no room for blob")
                .hasMessageContaining("live sessions hold 1048576");
        assertThat(held).exists();
        assertThat(filesOnDisk()).containsExactly(held);
        cache.release("s1");
        cache.release("s2");
        cache.release("never seen");
    }

    @Test
    void aSessionThatEndsWhileItsCodeComesIsNotHandedIt() throws Exception {
        blobs.hold = true;
        CompletionStage<List<Path>> resolving = cache.resolve("s", bundle(entry("a.jar", bytes(1, 100))));
        cache.release("s");
        blobs.mayAnswer.countDown();

        assertThat(failure(resolving)).hasMessage("session s has ended meanwhile");
    }

    @Test
    void aClosedCacheFailsWhatWaitsAndWhatComes() throws Exception {
        blobs.hold = true;
        List<BundleEntry> entries = new ArrayList<>();
        for (int i = 0; i < BlobCache.MAX_FETCHES + 1; i++) {
            entries.add(entry("lib" + i + ".jar", bytes(i, 100)));
        }
        CompletionStage<List<Path>> resolving =
                cache.resolve("s", Bundle.newBuilder().addAllEntries(entries).build());
        cache.close();
        blobs.mayAnswer.countDown();

        assertThat(failure(resolving)).hasMessageContaining("the host is shutting down");
        assertThat(failure(cache.resolve("s2", bundle(entries.get(0)))))
                .hasMessageContaining("the host is shutting down");
    }

    @Test
    void aDirectoryThatCannotStandInAClassPathIsRefused() throws IOException {
        try (BlobStore odd = BlobStore.open(directory.resolve("a:b"), 1L << 20)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new BlobCache(odd, BlobsGrpc.newStub(channel), disk))
                    .withMessageContaining("a:b");
        }
    }

    // ------------------------------------------------------------------------------------------------ shared values

    private Digest shared(byte[] content) {
        BlobDigest digest = BlobDigest.ofBytes(content);
        blobs.contents.put(digest, content);
        return digest.toWire();
    }

    private Path gotShared(CompletionStage<Path> fetching) throws Exception {
        return fetching.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aSharedValueThatManyProcessesAskForIsFetchedOnce() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 2 * CHUNK_BYTES);
        Digest digest = shared(content);
        blobs.hold = true;
        List<CompletionStage<Path>> fetching = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fetching.add(cache.shared("s", digest));
        }
        blobs.mayAnswer.countDown();

        for (CompletionStage<Path> one : fetching) {
            assertThat(gotShared(one)).hasBinaryContent(content);
        }
        assertThat(gotShared(cache.shared("s", digest))).isAbsolute();
        assertThat(blobs.gets).hasValue(1);
        assertThat(cache.fetched()).isEqualTo(1);
        assertThat(cache.fetchedBytes()).isEqualTo(content.length);
    }

    @Test
    void aSharedValueStaysUntilItIsReleased() throws Exception {
        open(3L << 20);
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        Digest first = shared(bytes(1, 2 * CHUNK_BYTES));
        Path held = gotShared(cache.shared("s", first));

        Throwable full = failure(cache.shared("s", shared(bytes(2, 2 * CHUNK_BYTES))));

        assertThat(full).hasMessageContaining("cannot have a shared value").hasMessageContaining("no room for blob");
        assertThat(held).exists();
        cache.releaseShared("s", List.of(first));
        assertThat(store.isPinned(BlobDigest.of(first))).isFalse();
    }

    @Test
    void theEndOfASessionReleasesWhatItShares() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        assertThat(got(cache.resolve("other", bundle()))).isEmpty();
        Digest digest = shared(bytes(1, 1_000));
        Path file = gotShared(cache.shared("s", digest));
        assertThat(gotShared(cache.shared("other", digest))).isEqualTo(file);
        cache.release("s");
        assertThat(store.isPinned(BlobDigest.of(digest))).isTrue();
        cache.release("other");
        assertThat(store.isPinned(BlobDigest.of(digest))).isFalse();
        assertThat(failure(cache.shared("s", digest))).hasMessageContaining("session s has ended");
    }

    @Test
    void aDamagedSharedValueIsFetchedAgain() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 5_000);
        Digest digest = shared(content);
        Path file = gotShared(cache.shared("s", digest));
        Files.write(file, new byte[4_999]);
        assertThat(gotShared(cache.shared("s", digest))).hasBinaryContent(content);
        assertThat(blobs.gets).hasValue(2);
    }

    @Test
    void aSharedValueThatIsNotThereYetIsWaitedFor() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 5_000);
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(content).toWire());
        awaitGets(2);
        Digest ignored = shared(content);
        assertThat(gotShared(fetching)).hasBinaryContent(content);
    }

    @Test
    void aSharedValueThatNobodyNeedsAnyMoreIsNotWaitedFor() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(bytes(1, 5_000)).toWire());
        cache.release("s");
        assertThat(failure(fetching)).hasMessageContaining("NOT_FOUND");
    }

    @Test
    void aCacheThatIsClosedFailsWhoeverWaitsForASharedValue() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(bytes(1, 5_000)).toWire());
        cache.close();
        assertThat(failure(fetching)).hasMessageContaining("the host is shutting down");
    }
}
