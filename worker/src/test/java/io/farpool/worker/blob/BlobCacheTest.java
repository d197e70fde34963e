package io.farpool.worker.blob;

import static io.farpool.worker.blob.TestBlobs.CHUNK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobStore;
import io.farpool.proto.v1.BlobsGrpc;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Class paths: how they become files. */
class BlobCacheTest extends CacheInADirectory {
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
    void aFileThatHasChangedIsFetchedAgainWhenTheSessionAsksAgain() throws Exception {
        Bundle bundle = bundle(entry("a.jar", bytes(1, 5_000)), entry("b.jar", bytes(2, 5_000)));
        List<Path> paths = got(cache.resolve("s", bundle));
        Files.write(paths.get(1), bytes(2, 4_999));

        assertThat(got(cache.resolve("s", bundle))).isEqualTo(paths);
        assertThat(paths.get(1)).hasBinaryContent(bytes(2, 5_000));
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

        assertThat(failure(resolving)).hasMessageContaining("session s has ended");
    }

    @Test
    void aClosedCacheFailsWhatWaitsAndWhatComes() throws Exception {
        blobs.hold = true;
        List<BundleEntry> entries = new ArrayList<>();
        for (int i = 0; i < BlobFetches.MAX_FETCHES + 1; i++) {
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
}
