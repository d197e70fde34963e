package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.blob.BlobDigest;
import io.farpool.coordinator.blob.TransferMemory;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleUploadTest {
    @TempDir
    Path directory;

    private final EntryCache cache = new EntryCache();
    private Coordinator coordinator;
    private BundleUpload upload;

    @BeforeEach
    void start() throws IOException {
        coordinator = new Coordinator(directory.resolve("store"), 64L << 20);
        upload = new BundleUpload(coordinator.blobs(), coordinator.disk, Duration.ofMinutes(1));
    }

    @AfterEach
    void stop() throws InterruptedException {
        coordinator.close();
    }

    private Path jar(String name, int seed, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return Jars.jar(directory.resolve(name), "", Map.of("data", content));
    }

    private PackedBundle packed(Path... classPath) throws IOException {
        return PackedBundle.of(List.of(classPath), cache);
    }

    private static BundleUpload.Uploaded done(CompletableFuture<BundleUpload.Uploaded> sending) throws Exception {
        return sending.get(30, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<BundleUpload.Uploaded> sending) throws Exception {
        try {
            throw new AssertionError("sent " + done(sending));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void onlyWhatIsMissingIsSent() throws Exception {
        Path large = jar("large.jar", 1, 5 << 20);
        Path small = jar("small.jar", 2, 100);
        Path copy = Files.copy(small, directory.resolve("copy.jar"));
        Files.createDirectories(directory.resolve("classes"));
        Files.writeString(directory.resolve("classes/a"), "a");

        try (PackedBundle first = packed(large, small, copy)) {
            BundleUpload.Uploaded uploaded = done(upload.send(first));
            assertThat(uploaded.bundle()).isEqualTo(first.bundle());
            assertThat(uploaded.blobsSent()).isEqualTo(2);
            assertThat(uploaded.bytesSent()).isEqualTo(Files.size(large) + Files.size(small));
        }
        try (PackedBundle second = packed(large, directory.resolve("classes"))) {
            BundleUpload.Uploaded uploaded = done(upload.send(second));
            assertThat(uploaded.blobsSent()).isEqualTo(1);
            assertThat(uploaded.bytesSent())
                    .isEqualTo(second.entries().get(1).digest().sizeBytes());
            assertThat(coordinator.store.findMissing(second.entries().stream()
                            .map(PackedBundle.Entry::digest)
                            .toList()))
                    .isEmpty();
            assertThat(done(upload.send(second)).bytesSent()).isZero();
        }
        try (PackedBundle nothing = packed()) {
            assertThat(done(upload.send(nothing)).blobsSent()).isZero();
        }
    }

    @Test
    void aClassPathOfManyJarsIsSentWhole() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            jars.add(jar("lib/lib" + i + ".jar", i, 50 + i));
        }
        try (PackedBundle packed = packed(jars.toArray(new Path[0]))) {
            assertThat(done(upload.send(packed)).blobsSent()).isEqualTo(500);
        }
        assertThat(coordinator.store.blobCount()).isEqualTo(500);
    }

    @Test
    void severalClientsMaySendTheSameAtOnce() throws Exception {
        try (PackedBundle packed = packed(jar("a.jar", 1, 6 << 20), jar("b.jar", 2, 6 << 20))) {
            List<CompletableFuture<BundleUpload.Uploaded>> sending = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sending.add(upload.send(packed));
            }
            for (CompletableFuture<BundleUpload.Uploaded> one : sending) {
                assertThat(done(one).bundle()).isEqualTo(packed.bundle());
            }
        }
        assertThat(coordinator.store.blobCount()).isEqualTo(2);
    }

    @Test
    void aCoordinatorThatTakesFewAtOnceGetsAll() throws Exception {
        coordinator.close();
        coordinator = new Coordinator(directory.resolve("busy"), 64L << 20, new TransferMemory(1 << 20, 1 << 20));
        upload = new BundleUpload(coordinator.blobs(), coordinator.disk, Duration.ofMinutes(1));
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            jars.add(jar("lib/lib" + i + ".jar", i, 1 << 20));
        }
        try (PackedBundle packed = packed(jars.toArray(new Path[0]))) {
            List<CompletableFuture<BundleUpload.Uploaded>> clients = new ArrayList<>();
            for (int client = 0; client < 3; client++) {
                clients.add(upload.send(packed));
            }
            for (CompletableFuture<BundleUpload.Uploaded> client : clients) {
                assertThat(done(client).bundle()).isEqualTo(packed.bundle());
            }
        }
        assertThat(coordinator.store.blobCount()).isEqualTo(10);
    }

    @Test
    void aFileThatWasChangedOrRemovedSinceIsNamed() throws Exception {
        Path changed = jar("changed.jar", 1, 1_000);
        try (PackedBundle packed = packed(changed)) {
            jar("changed.jar", 2, 1_000);
            assertThat(failure(upload.send(packed)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot send the class path's 'changed.jar' (" + changed + ")")
                    .hasMessageContaining("INVALID_ARGUMENT")
                    .hasMessageEndingWith("was the file changed after the pool was opened?");

            Files.delete(changed);
            assertThat(failure(upload.send(packed)))
                    .isInstanceOf(UnreadableEntryException.class)
                    .hasMessage("the class path's entry " + changed + " cannot be read: no such file: " + changed);
        }
        assertThat(coordinator.store.blobCount()).isZero();
    }

    @Test
    void aStoreWithoutRoomIsSaidPlainly() throws Exception {
        coordinator.close();
        coordinator = new Coordinator(directory.resolve("small"), 4L << 20);
        upload = new BundleUpload(coordinator.blobs(), coordinator.disk, Duration.ofMinutes(1));
        try (PackedBundle packed = packed(jar("big.jar", 1, 5 << 20))) {
            assertThat(failure(upload.send(packed)))
                    .hasMessageContaining("'big.jar'")
                    .hasMessageContaining("RESOURCE_EXHAUSTED")
                    .hasMessageContaining("limit of 4194304 bytes");
        }
    }

    @Test
    void aCoordinatorThatIsAwayIsUnavailable() throws Exception {
        try (Coordinator gone = new Coordinator(directory.resolve("gone"), 4L << 20);
                PackedBundle packed = packed(jar("a.jar", 1, 100))) {
            BundleUpload toGone = new BundleUpload(gone.blobs(), coordinator.disk, Duration.ofMinutes(1));
            gone.close();
            Throwable failure = failure(toGone.send(packed));
            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void aCoordinatorHasTimeToCheckWhatItIsAskedFor() throws Exception {
        Path large = Files.write(directory.resolve("large"), new byte[48 << 20]);
        Path small = Files.write(directory.resolve("small"), new byte[100]);
        sendOne(upload, large).get(30, TimeUnit.SECONDS);
        sendOne(upload, small).get(30, TimeUnit.SECONDS);

        coordinator.slowness = Duration.ofMillis(500);
        BundleUpload impatient = new BundleUpload(coordinator.blobs(), coordinator.disk, Duration.ofMillis(50));
        assertThat(sendOne(impatient, large).get(30, TimeUnit.SECONDS)).isZero();
        assertThatThrownBy(() -> sendOne(impatient, small).get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining(
                        "not said within 50 ms which it has of the files asked for (1, 100 bytes): it is overloaded")
                .hasRootCauseInstanceOf(StatusRuntimeException.class);
    }

    private static CompletableFuture<Long> sendOne(BundleUpload upload, Path file) throws IOException {
        return upload.sendOne(new PackedBundle.Entry("file", file, BlobDigest.ofFile(file)));
    }

    @Test
    void noQuestionIsForMoreThanCanBeCheckedInAWhile() {
        assertThat(BundleUpload.questions(List.of())).isEmpty();

        long half = BundleUpload.MAX_ASKED_BYTES / 2;
        List<BlobDigest> digests = new ArrayList<>();
        for (long size : new long[] {half, half, 1, 10 * half, half, half + 1}) {
            digests.add(digest(digests.size(), size));
        }
        assertThat(BundleUpload.questions(digests))
                .containsExactly(
                        digests.subList(0, 2),
                        digests.subList(2, 3),
                        digests.subList(3, 4),
                        digests.subList(4, 5),
                        digests.subList(5, 6));

        List<BlobDigest> many = IntStream.rangeClosed(0, BundleUpload.MAX_DIGESTS)
                .mapToObj(number -> digest(number, 1))
                .toList();
        assertThat(BundleUpload.questions(many))
                .containsExactly(
                        many.subList(0, BundleUpload.MAX_DIGESTS),
                        many.subList(BundleUpload.MAX_DIGESTS, BundleUpload.MAX_DIGESTS + 1));
    }

    private static BlobDigest digest(int number, long sizeBytes) {
        return BlobDigest.of(ByteBuffer.allocate(32).putInt(number).array(), sizeBytes);
    }
}
