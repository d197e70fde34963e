package io.farpool.worker.blob;

import static io.farpool.worker.blob.TestBlobs.CHUNK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Shared values: fetched for sessions whose class paths are here, and let go. */
class BlobCacheSharedTest extends CacheInADirectory {
    @Test
    void aSharedValueThatManyProcessesAskForIsFetchedOnce() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 2 * CHUNK_BYTES);
        Digest digest = shared(content);
        blobs.hold = true;
        List<CompletionStage<Path>> fetching = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fetching.add(cache.shared("s", digest, true));
        }
        blobs.mayAnswer.countDown();

        for (CompletionStage<Path> one : fetching) {
            assertThat(gotShared(one)).hasBinaryContent(content);
        }
        assertThat(gotShared(cache.shared("s", digest, true))).isAbsolute();
        assertThat(blobs.gets).hasValue(1);
        assertThat(cache.fetched()).isEqualTo(1);
        assertThat(cache.fetchedBytes()).isEqualTo(content.length);
    }

    @Test
    void aSharedValueStaysUntilItIsReleased() throws Exception {
        open(3L << 20);
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        Digest first = shared(bytes(1, 2 * CHUNK_BYTES));
        Path held = gotShared(cache.shared("s", first, true));

        Throwable full = failure(cache.shared("s", shared(bytes(2, 2 * CHUNK_BYTES)), true));

        assertThat(full).hasMessageContaining("cannot have a shared value").hasMessageContaining("no room for blob");
        assertThat(held).exists();
        cache.releaseShared("s", List.of(first));
        assertThat(store.isPinned(BlobDigest.of(first))).isFalse();
    }

    @Test
    void whatIsNotToBeKeptIsFetchedAndNotHeld() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 1_000);
        Digest digest = shared(content);
        assertThat(gotShared(cache.shared("s", digest, false))).hasBinaryContent(content);
        assertThat(store.isPinned(BlobDigest.of(digest))).isFalse();
        assertThat(gotShared(cache.shared("s", digest, true))).hasBinaryContent(content);
        assertThat(store.isPinned(BlobDigest.of(digest))).isTrue();
        assertThat(blobs.gets).hasValue(1);
    }

    @Test
    void theEndOfASessionReleasesWhatItShares() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        assertThat(got(cache.resolve("other", bundle()))).isEmpty();
        Digest digest = shared(bytes(1, 1_000));
        Path file = gotShared(cache.shared("s", digest, true));
        assertThat(gotShared(cache.shared("other", digest, true))).isEqualTo(file);
        cache.release("s");
        assertThat(store.isPinned(BlobDigest.of(digest))).isTrue();
        cache.release("other");
        assertThat(store.isPinned(BlobDigest.of(digest))).isFalse();
        assertThat(failure(cache.shared("s", digest, true))).hasMessageContaining("session s has ended");
    }

    @Test
    void aDamagedSharedValueIsFetchedAgain() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 5_000);
        Digest digest = shared(content);
        Path file = gotShared(cache.shared("s", digest, true));
        Files.write(file, new byte[4_999]);
        assertThat(gotShared(cache.shared("s", digest, true))).hasBinaryContent(content);
        assertThat(blobs.gets).hasValue(2);
    }

    @Test
    void aSharedValueThatIsNotThereYetIsWaitedFor() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        byte[] content = bytes(1, 5_000);
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(content).toWire(), true);
        awaitGets(2);
        Digest ignored = shared(content);
        assertThat(gotShared(fetching)).hasBinaryContent(content);
    }

    @Test
    void aSharedValueThatNobodyNeedsAnyMoreIsNotWaitedFor() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(bytes(1, 5_000)).toWire(), true);
        cache.release("s");
        assertThat(failure(fetching)).hasMessageContaining("session s has ended");
    }

    @Test
    void norIsOneThatWasReleased() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        Digest digest = BlobDigest.ofBytes(bytes(1, 5_000)).toWire();
        CompletionStage<Path> fetching = cache.shared("s", digest, true);
        awaitGets(1);
        cache.releaseShared("s", List.of(digest));
        assertThat(failure(fetching)).hasMessageContaining("it has been closed");
    }

    @Test
    void aCacheThatIsClosedFailsWhoeverWaitsForASharedValue() throws Exception {
        assertThat(got(cache.resolve("s", bundle()))).isEmpty();
        CompletionStage<Path> fetching =
                cache.shared("s", BlobDigest.ofBytes(bytes(1, 5_000)).toWire(), true);
        cache.close();
        assertThat(failure(fetching)).hasMessageContaining("the host is shutting down");
    }

    // ------------------------------------------------------------------------------------------------ many of them

    private void shareMany(String session) throws Exception {
        assertThat(got(cache.resolve(session, bundle()))).isEmpty();
        blobs.hold = true;
        for (int i = 0; i < 2_000; i++) {
            CompletionStage<Path> unused = cache.shared(session, shared(bytes(i, 100)), true);
        }
        awaitGets(1);
    }

    @Test
    void aSessionThatSharesThousandsDoesNotHoldUpTheClassPathOfAnother() throws Exception {
        shareMany("s");
        byte[] content = bytes(-1, 100);
        CompletionStage<List<Path>> resolving = cache.resolve("other", bundle(entry("a.jar", content)));
        awaitAsked(BlobDigest.ofBytes(content));
        blobs.mayAnswer.countDown();
        assertThat(got(resolving).get(0)).hasBinaryContent(content);
    }

    @Test
    void norDoesItHoldUpItsOwn() throws Exception {
        shareMany("s");
        byte[] content = bytes(-1, 100);
        CompletionStage<List<Path>> resolving = cache.resolve("s", bundle(entry("a.jar", content)));
        awaitAsked(BlobDigest.ofBytes(content));
        blobs.mayAnswer.countDown();
        assertThat(got(resolving).get(0)).hasBinaryContent(content);
    }
}
