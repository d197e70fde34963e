package io.farpool.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BlobStoreTest extends StoreInADirectory {
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
    void aDigestWithAnotherSizeIsAnotherBlob() throws IOException {
        BlobStore store = open(MANY_BYTES);
        BlobDigest digest = stored(store, 5, 100);
        BlobDigest wrongSize = new BlobDigest(digest.hex(), 99);

        assertThat(store.findMissing(List.of(digest, wrongSize, wrongSize))).containsExactly(wrongSize);
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
