package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a store makes of files that are not what they were, as after a crash. */
class BlobStoreDamageTest extends StoreInADirectory {
    @Test
    void bytesThatAreNotTheNamedOnesAreRefusedAndLeaveNothing() throws IOException {
        BlobStore store = open(MANY_BYTES);
        byte[] content = bytes(3, 5_000);
        BlobDigest digest = BlobDigest.ofBytes(content);
        byte[] other = bytes(4, 5_000);

        try (BlobWriter writer = store.write(digest, "x")) {
            writer.append(ByteBuffer.wrap(other));
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(BlobMismatchException.class)
                    .hasMessageContaining(digest.hex())
                    .hasMessageContaining(BlobDigest.ofBytes(other).hex());
        }
        try (BlobWriter writer = store.write(digest, "x")) {
            writer.append(ByteBuffer.wrap(content, 0, 4_999));
            assertThatThrownBy(writer::commit).isInstanceOf(BlobMismatchException.class);
        }
        try (BlobWriter writer = store.write(digest, "x")) {
            writer.append(ByteBuffer.wrap(content));
            assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(other)))
                    .isInstanceOf(BlobMismatchException.class)
                    .hasMessageContaining("10000 bytes");
        }
        try (BlobWriter writer = store.write(digest, "x")) {
            writer.append(ByteBuffer.wrap(content, 0, 10));
        }

        assertThat(store.findMissing(List.of(digest))).containsExactly(digest);
        assertThat(filesOnDisk()).isEmpty();
    }

    @Test
    void aRestartFindsWhatWasStoredAndRemovesWhatACrashLeft() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest good = stored(store, 1, 10_000);
        BlobDigest truncated = stored(store, 2, 10_000);
        BlobDigest emptied = stored(store, 3, 10_000);
        BlobDigest zeroed = stored(store, 4, 10_000);
        Path truncatedFile = store.locate(truncated).orElseThrow();
        Path emptiedFile = store.locate(emptied).orElseThrow();
        Path zeroedFile = store.locate(zeroed).orElseThrow();
        BlobWriter cutOff = store.write(BlobDigest.ofBytes(bytes(5, 10_000)), "x");
        cutOff.append(ByteBuffer.wrap(bytes(5, 10_000), 0, 5_000));
        store.close();
        // What a power loss may leave of files that were never fsynced.
        Files.write(truncatedFile, new byte[3]);
        Files.delete(emptiedFile);
        Files.write(zeroedFile, new byte[10_000]);
        assertThat(filesOnDisk()).hasSize(4);
        Path foreign = Files.writeString(directory.resolve("blobs/README"), "not ours");

        BlobStore again = open(MANY_BYTES);

        assertThat(filesOnDisk()).contains(foreign).hasSize(3);
        assertThat(again.findMissing(List.of(good, truncated, emptied, zeroed)))
                .containsExactly(truncated, emptied, zeroed);
        assertThat(again.storedBytes()).isEqualTo(3 * 4_096);
        assertThat(readAll(again, good, 4_096)).isEqualTo(bytes(1, 10_000));
        assertThat(store(again, bytes(4, 10_000), "again.jar")).isFalse();
        assertThat(again.findMissing(List.of(zeroed))).isEmpty();
        cutOff.close();
    }

    @Test
    void aFileThatWasChangedIsDiscardedAndCountsAsMissing() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 1, 10_000);
        assertThat(store.pin("session", List.of(digest))).isEmpty();
        Path file = store.locate(digest).orElseThrow();
        byte[] changed = bytes(1, 10_000);
        changed[77] ^= 1;
        Files.write(file, changed);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));

        assertThat(store.findMissing(List.of(digest))).containsExactly(digest);

        assertThat(file).doesNotExist();
        assertThat(store.storedBytes()).isZero();
        stored(store, 1, 10_000);
        assertThat(store.findMissing(List.of(digest))).isEmpty();
    }

    @Test
    void readingFindsDamageThatTheFilesTimesDoNotShow() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 1, 10_000);
        Path file = store.locate(digest).orElseThrow();
        FileTime modified = Files.getLastModifiedTime(file);
        byte[] changed = bytes(1, 10_000);
        changed[9_999] ^= 1;
        Files.write(file, changed);
        Files.setLastModifiedTime(file, modified);

        assertThatThrownBy(() -> readAll(store, digest, 4_096))
                .isInstanceOf(BlobMismatchException.class)
                .hasMessageContaining("was damaged on disk and has been discarded");

        assertThat(store.read(digest)).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatTheDiskDoesNotGiveIsDiscardedAndCountsAsMissing() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest read = stored(store, 1, 10_000);
        BlobDigest located = stored(store, 2, 10_000);
        makeUnreadable(store.locate(read).orElseThrow());
        makeUnreadable(store.locate(located).orElseThrow());

        assertThatThrownBy(() -> readAll(store, read, 4_096))
                .isInstanceOf(BlobMismatchException.class)
                .hasMessageContaining("it cannot be read: Input/output error");

        assertThat(store.read(read)).isEmpty();
        assertThat(store.locate(located)).isEmpty();
        assertThat(filesOnDisk()).isEmpty();
        stored(store, 1, 10_000);
        assertThat(readAll(store, read, 4_096)).isEqualTo(bytes(1, 10_000));
    }

    /** Nothing is at the address 0 of any process. */
    private static void makeUnreadable(Path file) throws IOException {
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/proc/self/mem"));
    }

    @Test
    void aBlobThatVanishedFromDiskIsMissing() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 1, 10_000);
        BlobDigest other = stored(store, 2, 10_000);
        Files.delete(store.locate(digest).orElseThrow());
        Files.delete(store.locate(other).orElseThrow());

        assertThat(store.findMissing(List.of(digest))).containsExactly(digest);
        assertThat(store.read(other)).isEmpty();
        assertThat(store.blobCount()).isZero();
    }
}
