package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a store evicts for want of room, and what it keeps for those who have pinned it. */
class BlobStoreRoomTest extends StoreInADirectory {
    @Test
    void theLeastRecentlyUsedGoWhenRoomIsNeeded() throws IOException {
        BlobStore store = open(4 * 4_096);
        BlobDigest a = stored(store, 1, 4_000);
        BlobDigest b = stored(store, 2, 4_000);
        BlobDigest c = stored(store, 3, 4_000);
        BlobDigest d = stored(store, 4, 4_000);
        assertThat(store.locate(a)).isPresent();
        letKeepRunOut();

        BlobDigest large = stored(store, 5, 8_000);

        assertThat(store.findMissing(List.of(a, b, c, d, large))).containsExactly(b, c);
        assertThat(filesOnDisk()).hasSize(3);
    }

    @Test
    void whatOneHolderLetsGoOfMakesRoomSoonUnlessAnotherHoldsItToo() throws IOException {
        BlobStore store = open(100 * 4_096);
        BlobDigest first = stored(store, 1, 60 * 4_096);
        assertThat(store.pin("a", List.of(first))).isEmpty();
        assertThat(store.pin("b", List.of(first))).isEmpty();
        store.unpin("a", List.of(first));
        letKeepRunOut();
        assertThat(fullFor(store, 2).isPassing()).isFalse();
        assertThat(store.isPinned(first)).isTrue();

        assertThat(store.findMissing(List.of(first))).isEmpty();
        store.unpin("b", List.of(first, BlobDigest.ofBytes(bytes(3, 10))));

        assertThat(store.isPinned(first)).isFalse();
        assertThat(fullFor(store, 2).isPassing()).isTrue();
        letKeepRunOut();
        assertThat(stored(store, 2, 60 * 4_096)).isNotNull();
        assertThat(store.findMissing(List.of(first))).containsExactly(first);
    }

    private static BlobStoreFullException fullFor(BlobStore store, int seed) {
        try {
            stored(store, seed, 60 * 4_096);
            throw new AssertionError("there is room");
        } catch (BlobStoreFullException full) {
            return full;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsPinnedIsNeverEvictedAndAFullStoreSaysSo() throws IOException {
        BlobStore store = open(3 * 4_096);
        BlobDigest pinned = stored(store, 1, 4_000);
        BlobDigest loose = stored(store, 2, 4_000);
        assertThat(store.pin("session-1", List.of(pinned))).isEmpty();
        assertThat(store.pin("session-2", List.of(pinned))).isEmpty();
        letKeepRunOut();

        assertThatThrownBy(() -> stored(store, 3, 12_000))
                .isInstanceOf(BlobStoreFullException.class)
                .hasMessageContaining("limit of 12288 bytes")
                .hasMessageContaining("live sessions hold 4096")
                .hasMessageContaining(directory.toString());
        // Nothing was given up for a blob that could not be stored anyway.
        assertThat(filesOnDisk()).hasSize(2);

        stored(store, 4, 8_000);
        assertThat(store.findMissing(List.of(pinned, loose))).containsExactly(loose);

        store.unpin("session-1");
        letKeepRunOut();
        assertThatThrownBy(() -> stored(store, 3, 12_000)).isInstanceOf(BlobStoreFullException.class);
        store.unpin("session-2");
        BlobDigest large = stored(store, 3, 12_000);
        assertThat(store.findMissing(List.of(pinned, large))).containsExactly(pinned);
    }

    @Test
    void pinningIsAllOrNothing() throws IOException {
        BlobStore store = open(2 * 4_096);
        BlobDigest here = stored(store, 1, 4_000);
        BlobDigest absent = BlobDigest.ofBytes(bytes(2, 4_000));

        assertThat(store.pin("session", List.of(here, absent))).containsExactly(absent);

        letKeepRunOut();
        stored(store, 3, 8_000);
        assertThat(store.findMissing(List.of(here))).containsExactly(here);
    }

    @Test
    void whatWasJustSaidToBeHereStaysForAWhileWithoutAPin() throws IOException {
        BlobStore store = open(2 * 4_096);
        BlobDigest asked = stored(store, 1, 4_000);
        letKeepRunOut();
        assertThat(store.findMissing(List.of(asked))).isEmpty();

        assertThatThrownBy(() -> stored(store, 2, 8_000)).isInstanceOf(BlobStoreFullException.class);
        letKeepRunOut();
        stored(store, 2, 8_000);

        assertThat(store.findMissing(List.of(asked))).containsExactly(asked);
    }

    @Test
    void uploadsInProgressHaveTheirRoomReservedAndGiveItBack() throws IOException {
        BlobStore store = open(2 * 4_096);
        byte[] content = bytes(1, 8_000);
        try (BlobWriter writer = store.write(BlobDigest.ofBytes(content), "x")) {
            assertThatThrownBy(() -> stored(store, 2, 10))
                    .isInstanceOf(BlobStoreFullException.class)
                    .hasMessageContaining("uploads 8192");
            writer.append(ByteBuffer.wrap(content, 0, 100));
        }
        stored(store, 2, 10);
        assertThatThrownBy(() -> store.write(new BlobDigest("0".repeat(64), Long.MAX_VALUE), "x"))
                .isInstanceOf(BlobStoreFullException.class);
        stored(store, 3, 10);
    }

    @Test
    void aRestartWithALowerLimitEvictsTheOldest() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest old = stored(store, 1, 4_000);
        BlobDigest recent = stored(store, 2, 4_000);
        Path oldFile = store.locate(old).orElseThrow();
        store.close();
        Files.getFileAttributeView(oldFile, BasicFileAttributeView.class)
                .setTimes(FileTime.fromMillis(1), FileTime.fromMillis(1), null);

        BlobStore again = open(4_096);

        assertThat(again.findMissing(List.of(old, recent))).containsExactly(old);
    }

    @Test
    void aReaderReadsOnWhenItsBlobIsEvicted() throws IOException {
        BlobStore store = open(4_096);
        BlobDigest digest = stored(store, 1, 4_000);
        try (BlobReader reader = store.read(digest).orElseThrow()) {
            letKeepRunOut();
            stored(store, 2, 4_000);
            assertThat(store.findMissing(List.of(digest))).containsExactly(digest);

            assertThat(reader.next(4_096)).isEqualTo(bytes(1, 4_000));
            assertThat(reader.next(4_096)).isNull();
        }
    }

    @Test
    void aFullDiskIsToldApart() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Assumptions.assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString()),
                "skipped: a tiny file system cannot be mounted here");
        try (BlobStore store = BlobStore.open(disk, MANY_BYTES)) {
            BlobDigest small = stored(store, 1, 100_000);
            assertThatThrownBy(() -> stored(store, 2, 1_000_000))
                    .isInstanceOf(BlobStoreFullException.class)
                    .hasMessageContaining("No space left");
            // What was written until then is gone again, so there is room for something smaller.
            BlobDigest fits = stored(store, 3, 100_000);
            assertThat(store.findMissing(List.of(small, fits))).isEmpty();
        } finally {
            assertThat(succeeds("umount", disk.toString())).isTrue();
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
