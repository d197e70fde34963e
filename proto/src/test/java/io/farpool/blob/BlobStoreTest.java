package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
    private static final long MANY_BYTES = 1L << 30;

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong(5);
    private final List<BlobStore> opened = new ArrayList<>();

    @AfterEach
    void closeStores() {
        opened.forEach(BlobStore::close);
    }

    private BlobStore open(long limitBytes) throws IOException {
        BlobStore store = BlobStore.open(directory, limitBytes, nanos::get);
        opened.add(store);
        return store;
    }

    private static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static boolean store(BlobStore store, byte[] content, String name) throws IOException {
        try (BlobWriter writer = store.write(BlobDigest.ofBytes(content), name)) {
            int half = content.length / 2;
            writer.append(ByteBuffer.wrap(content, 0, half));
            writer.append(ByteBuffer.wrap(content, half, content.length - half));
            return writer.commit();
        }
    }

    private static BlobDigest stored(BlobStore store, int seed, int size) throws IOException {
        byte[] content = bytes(seed, size);
        store(store, content, "blob" + seed + ".jar");
        return BlobDigest.ofBytes(content);
    }

    private static byte[] readAll(BlobStore store, BlobDigest digest, int pieceBytes) throws IOException {
        try (BlobReader reader = store.read(digest).orElseThrow()) {
            ByteBuffer all = ByteBuffer.allocate((int) digest.sizeBytes());
            for (byte[] piece = reader.next(pieceBytes); piece != null; piece = reader.next(pieceBytes)) {
                all.put(piece);
            }
            return all.array();
        }
    }

    private void letKeepRunOut() {
        nanos.addAndGet(BlobStore.KEEP.toNanos() + 1);
    }

    private List<Path> filesOnDisk() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("lock"))
                    .toList();
        }
    }

    @Test
    void whatIsWrittenCanBeReadInPiecesAndFoundAsANamedFile() throws IOException {
        BlobStore store = open(MANY_BYTES);
        for (int size : new int[] {0, 1, 4_096, 100_001}) {
            byte[] content = bytes(size, size);
            BlobDigest digest = BlobDigest.ofBytes(content);
            assertThat(store.findMissing(List.of(digest))).containsExactly(digest);

            assertThat(store(store, content, "guava-33.jar")).isFalse();

            assertThat(store.findMissing(List.of(digest))).isEmpty();
            assertThat(readAll(store, digest, 1_000)).isEqualTo(content);
            Path file = store.locate(digest).orElseThrow();
            assertThat(file).hasFileName("guava-33.jar").hasBinaryContent(content);
        }
        assertThat(store.storedBytes()).isEqualTo((1 + 1 + 1 + 25) * 4_096);
    }

    @Test
    void aBlobIsStoredOnceHoweverOftenItIsWritten() throws IOException {
        BlobStore store = open(MANY_BYTES);
        byte[] content = bytes(1, 10_000);

        assertThat(store(store, content, "first.jar")).isFalse();
        assertThat(store(store, content, "second.jar")).isTrue();

        assertThat(store.blobCount()).isEqualTo(1);
        assertThat(filesOnDisk()).hasSize(1);
        assertThat(store.locate(BlobDigest.ofBytes(content)).orElseThrow()).hasFileName("first.jar");
    }

    @Test
    void manyWritersOfTheSameBlobAllSucceedAndOneOfThemStoresIt() throws Exception {
        BlobStore store = open(MANY_BYTES);
        byte[] content = bytes(2, 300_000);
        int writers = 8;
        CountDownLatch allOpen = new CountDownLatch(writers);
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            Callable<Boolean> write = () -> {
                try (BlobWriter writer = store.write(BlobDigest.ofBytes(content), "blob")) {
                    allOpen.countDown();
                    assertThat(allOpen.await(20, TimeUnit.SECONDS)).isTrue();
                    writer.append(ByteBuffer.wrap(content));
                    return writer.commit();
                }
            };
            int stored = 0;
            for (Future<Boolean> alreadyThere : threads.invokeAll(
                    Stream.generate(() -> write).limit(writers).toList())) {
                stored += alreadyThere.get() ? 0 : 1;
            }
            assertThat(stored).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
        assertThat(filesOnDisk()).hasSize(1);
        assertThat(readAll(store, BlobDigest.ofBytes(content), 65_536)).isEqualTo(content);
    }

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
    void aDigestWithAnotherSizeIsAnotherBlob() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 5, 100);
        BlobDigest wrongSize = new BlobDigest(digest.hex(), 99);

        assertThat(store.findMissing(List.of(digest, wrongSize, wrongSize))).containsExactly(wrongSize);
    }

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
    void aDirectoryHasOneStoreAtATime() throws IOException {
        BlobStore store = open(MANY_BYTES);
        assertThatThrownBy(() -> open(MANY_BYTES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("in use by another coordinator or worker");
        store.close();
        open(MANY_BYTES);
    }

    @Test
    void aClosedStoreSaysSo() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 1, 10);
        BlobWriter writer = store.write(BlobDigest.ofBytes(bytes(2, 10)), "x");
        writer.append(ByteBuffer.wrap(bytes(2, 10)));
        store.close();

        assertThatThrownBy(() -> store.locate(digest)).hasMessageContaining("is closed");
        assertThatThrownBy(writer::commit).hasMessageContaining("is closed");
        writer.close();
        assertThat(filesOnDisk()).hasSize(1);
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> BlobStore.open(file.resolve("store"), MANY_BYTES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot make the blob store's directory " + file.resolve("store"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlobStore.open(directory, 1))
                .withMessage("a blob store's limit is at least 4096 bytes, not 1");
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

    @Test
    void namesFromElsewhereNeverLeaveTheBlobsDirectory() throws IOException {
        BlobStore store = open(MANY_BYTES);
        List<String> names = Arrays.asList(
                "../../evil.jar",
                "/etc/passwd",
                "..",
                ".",
                "",
                "a:b;c.jar",
                "C:\\x\\y.jar",
                "-rf",
                "ünïcode.jar",
                "new\nline\0.jar",
                "x".repeat(5_000) + ".jar");
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            byte[] content = bytes(100 + i, 50);
            store(store, content, names.get(i));
            Path file = store.locate(BlobDigest.ofBytes(content)).orElseThrow();
            assertThat(file.normalize()).isEqualTo(file).startsWith(directory.resolve("blobs"));
            assertThat(file.getParent()).hasFileName(BlobDigest.ofBytes(content).hex() + "-50");
            kept.add(file.getFileName().toString());
        }
        assertThat(kept.subList(0, 10))
                .containsExactly(
                        "evil.jar",
                        "passwd",
                        "_..",
                        "_.",
                        "_",
                        "a_b_c.jar",
                        "y.jar",
                        "_-rf",
                        "_n_code.jar",
                        "new_line_.jar");
        assertThat(kept.get(10)).hasSize(100).endsWith("x.jar");
    }

    @Test
    void digestsFromTheWireAreChecked() {
        BlobDigest digest = BlobDigest.ofBytes(new byte[] {1, 2, 3});
        assertThat(digest.hex()).isEqualTo("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
        assertThat(BlobDigest.of(digest.toWire())).isEqualTo(digest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlobDigest.of(Digest.getDefaultInstance()))
                .withMessage("a digest's sha256 is 32 bytes, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlobDigest.of(
                        digest.toWire().toBuilder().setSizeBytes(-1).build()))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> new BlobDigest("ABC", 1));
    }
}
