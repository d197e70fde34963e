package io.farpool.worker.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.BlobMismatchException;
import io.farpool.proto.v1.BlobsGrpc;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who waits for a blob, for how long, and whose turn it is. */
class BlobFetchesTest extends CacheInADirectory {
    private BlobFetches fetches;

    @BeforeEach
    void open() {
        fetches = new BlobFetches(store, BlobsGrpc.newStub(channel), disk);
    }

    @AfterEach
    void close() {
        fetches.close();
    }

    private static Patience patience() {
        return new Patience(new Patience.Limits(Duration.ofMinutes(1), Duration.ofMinutes(10)), false);
    }

    private CompletableFuture<Path> fetch(String line, BlobDigest digest) {
        return fetches.fetch(line, digest, "a.jar", patience());
    }

    private BlobDigest stored(int seed) {
        return BlobDigest.of(shared(bytes(seed, 100)));
    }

    @Test
    void whoComesWhenTheOthersAreAboutToGiveUpHasItsOwnPatience() throws Exception {
        Patience nearlyOver = patience();
        for (int i = 1; i < Patience.MAX_ATTEMPTS; i++) {
            long nowNanos = System.nanoTime();
            assertThat(nearlyOver.failed(Status.ABORTED.asRuntimeException(), nowNanos, nowNanos))
                    .isTrue();
        }
        BlobDigest digest = stored(1);
        blobs.hold = true;
        blobs.damagedLeft.set(1);
        CompletableFuture<Path> early = fetches.fetch("early", digest, "a.jar", nearlyOver);
        awaitGets(1);
        CompletableFuture<Path> late = fetch("late", digest);
        blobs.mayAnswer.countDown();

        assertThat(failure(early)).isInstanceOf(BlobMismatchException.class);
        assertThat(gotShared(late)).hasBinaryContent(bytes(1, 100));
        assertThat(blobs.gets).hasValue(2);
    }

    @Test
    void whoComesWhenNobodyWaitsAnyMoreIsNotGivenAFailureMeantForNobody() throws Exception {
        BlobDigest digest = stored(1);
        blobs.hold = true;
        blobs.failuresLeft.set(1);
        CompletableFuture<Path> early = fetch("early", digest);
        awaitGets(1);
        fetches.withdraw("early", "session early has ended");
        assertThat(failure(early)).hasMessage("session early has ended");
        CompletableFuture<Path> late = fetch("late", digest);
        blobs.mayAnswer.countDown();

        assertThat(gotShared(late)).hasBinaryContent(bytes(1, 100));
        assertThat(blobs.gets).hasValue(2);
    }

    @Test
    void whatOneLineNoLongerWaitsForIsFetchedForTheOther() throws Exception {
        BlobDigest digest = stored(1);
        blobs.hold = true;
        CompletableFuture<Path> early = fetch("early", digest);
        CompletableFuture<Path> late = fetch("late", digest);
        fetches.withdraw("early", List.of(digest, stored(2)), "it has been closed");
        blobs.mayAnswer.countDown();

        assertThat(failure(early)).hasMessage("it has been closed");
        assertThat(gotShared(late)).hasBinaryContent(bytes(1, 100));
    }

    @Test
    void whatNobodyWaitsForAnyMoreHasNoTurn() throws Exception {
        blobs.hold = true;
        List<CompletableFuture<Path>> wanted = new ArrayList<>();
        for (int i = 0; i < BlobFetches.MAX_FETCHES_OF_LINE; i++) {
            wanted.add(fetch("a", stored(i)));
        }
        awaitGets(BlobFetches.MAX_FETCHES_OF_LINE);
        List<BlobDigest> unwanted = Stream.of(10, 11, 12).map(this::stored).toList();
        for (BlobDigest digest : unwanted) {
            CompletableFuture<Path> unused = fetch("a", digest);
        }
        fetches.withdraw("a", unwanted, "it has been closed");
        wanted.add(fetch("a", stored(20))); // when that has its turn, all before it have had theirs
        blobs.mayAnswer.countDown();

        for (CompletableFuture<Path> each : wanted) {
            assertThat(gotShared(each)).exists();
        }
        assertThat(blobs.asked).doesNotContainAnyElementsOf(unwanted);
        assertThat(gotShared(fetch("b", unwanted.get(0)))).hasBinaryContent(bytes(10, 100));
    }
}
