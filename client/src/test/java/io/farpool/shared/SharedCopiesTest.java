package io.farpool.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import io.farpool.UncheckedInterruptedException;
import io.farpool.blob.BlobDigest;
import io.farpool.codec.Codec;
import io.farpool.contract.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shared values in a worker process, with a daemon that the test plays. */
@Timeout(60)
class SharedCopiesTest {
    @TempDir
    Path directory;

    private final Codec codec = new Codec();
    private final Queue<BlobDigest> asked = new ConcurrentLinkedQueue<>();
    private final SharedCopies copies = new SharedCopies(asked::add);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void open() {
        copies.decodedBy(codec);
    }

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private Path file(Object value) throws IOException {
        return Files.write(directory.resolve("value"), codec.encode(value));
    }

    private Future<Object> get(SharedCopies.Copy copy) {
        return threads.submit((Callable<Object>) copy::get);
    }

    private void awaitAsked(int times) {
        Await.until("asked " + times + " times", () -> asked.size() == times);
    }

    @Test
    void aValueIsAskedForAndDecodedOnceHoweverManyReadIt() throws Exception {
        Path file = file(new ArrayList<>(List.of(1, 2)));
        BlobDigest digest = BlobDigest.ofFile(file);
        List<Future<Object>> gets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            gets.add(get(copies.of(digest)));
        }
        awaitAsked(1);
        copies.arrived(digest, file);
        Object first = gets.get(0).get(20, TimeUnit.SECONDS);
        assertThat(first).isEqualTo(List.of(1, 2));
        for (Future<Object> each : gets) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isSameAs(first);
        }
        assertThat(copies.of(digest).get()).isSameAs(first);
        assertThat(asked).containsExactly(digest);
    }

    @Test
    void nullIsAValue() throws Exception {
        Path file = file(null);
        BlobDigest digest = BlobDigest.ofFile(file);
        Future<Object> get = get(copies.of(digest));
        awaitAsked(1);
        copies.arrived(digest, file);
        assertThat(get.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(copies.of(digest).get()).isNull();
        assertThat(asked).hasSize(1);
    }

    @Test
    void aFailureIsToldToTheOneThatReadsAndTheNextAsksAgain() throws Exception {
        Path file = file("value");
        BlobDigest digest = BlobDigest.ofFile(file);
        Future<Object> first = get(copies.of(digest));
        awaitAsked(1);
        copies.failed(digest, "the disk is full");
        assertThatThrownBy(() -> first.get(20, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IOException.class)
                .cause()
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(
                        "the shared value of " + digest.sizeBytes() + " bytes cannot be had here: the disk is full");
        Future<Object> second = get(copies.of(digest));
        awaitAsked(2);
        copies.arrived(digest, directory.resolve("gone"));
        assertThatThrownBy(() -> second.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(UncheckedIOException.class);
        Future<Object> third = get(copies.of(digest));
        awaitAsked(3);
        copies.arrived(digest, file);
        assertThat(third.get(20, TimeUnit.SECONDS)).isEqualTo("value");
    }

    @Test
    void bytesThatCannotBeDecodedFailTheOneThatReads() throws Exception {
        Path file = Files.write(directory.resolve("value"), new byte[] {127, 1, 2, 3});
        BlobDigest digest = BlobDigest.ofFile(file);
        Future<Object> get = get(copies.of(digest));
        awaitAsked(1);
        copies.arrived(digest, file);
        assertThatThrownBy(() -> get.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(NotSerializableTaskException.class);
    }

    @Test
    void aFileOfAnotherSizeIsNotTheValue() throws Exception {
        Path file = file("value");
        BlobDigest digest = BlobDigest.ofFile(file);
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
        Future<Object> get = get(copies.of(digest));
        awaitAsked(1);
        copies.arrived(digest, file);
        assertThatThrownBy(() -> get.get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("has " + (digest.sizeBytes() + 1) + " bytes, expected " + digest.sizeBytes());
    }

    @Test
    void aLargeValueIsReadWithoutHavingItsBytesInMemory() throws Exception {
        int[] value = new int[16 << 20];
        Arrays.fill(value, 1_000_000_000); // takes 5 bytes
        Path file = directory.resolve("large");
        try (OutputStream out = Files.newOutputStream(file)) {
            assertThat(codec.encode(value, 0, () -> out)).isNull();
        }
        BlobDigest digest = BlobDigest.ofFile(file);
        SharedCopies answered = answeredAtOnce(file);
        long beforeBytes = Allocation.byThisThread();
        Object read = answered.of(digest).get();
        assertThat(Allocation.byThisThread() - beforeBytes).isLessThan((long) value.length * Integer.BYTES + (4 << 20));
        assertThat(read).isEqualTo(value);
    }

    private SharedCopies answeredAtOnce(Path file) {
        AtomicReference<SharedCopies> itself = new AtomicReference<>();
        SharedCopies answered = new SharedCopies(digest -> itself.get().arrived(digest, file));
        itself.set(answered);
        answered.decodedBy(codec);
        return answered;
    }

    @Test
    void anInterruptEndsTheWaitAndTheNextAsksAgain() throws Exception {
        Path file = file("value");
        BlobDigest digest = BlobDigest.ofFile(file);
        FutureTask<Object> waiting = new FutureTask<>(() -> {
            try {
                return copies.of(digest).get();
            } catch (UncheckedInterruptedException e) {
                return Thread.currentThread().isInterrupted();
            }
        });
        Thread thread = new Thread(waiting);
        thread.start();
        awaitAsked(1);
        thread.interrupt();
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(true);
        copies.arrived(digest, file); // too late
        Future<Object> next = get(copies.of(digest));
        awaitAsked(2);
        copies.arrived(digest, file);
        assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo("value");
    }

    @Test
    void oneThatWasForgottenBeforeItWasReadGetsTheValueOfTheOneThatCameAfterIt() throws Exception {
        Path file = file(new ArrayList<>(List.of(1)));
        BlobDigest digest = BlobDigest.ofFile(file);
        SharedCopies.Copy ofAnOldTask = copies.of(digest);
        copies.forget(digest);
        SharedCopies.Copy ofANewTask = copies.of(digest);
        Future<Object> old = get(ofAnOldTask);
        awaitAsked(1);
        copies.arrived(digest, file);
        assertThat(old.get(20, TimeUnit.SECONDS)).isEqualTo(List.of(1)).isSameAs(ofANewTask.get());
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatIsForgottenStaysWithWhoeverHasItAndIsAskedForByOthers() throws Exception {
        Path file = file(new ArrayList<>(List.of(1)));
        BlobDigest digest = BlobDigest.ofFile(file);
        SharedCopies.Copy held = copies.of(digest);
        Future<Object> get = get(held);
        awaitAsked(1);
        copies.arrived(digest, file);
        Object value = get.get(20, TimeUnit.SECONDS);
        copies.forget(digest);
        assertThat(held.get()).isSameAs(value);
        Future<Object> again = get(copies.of(digest));
        awaitAsked(2);
        copies.forget(digest);
        assertThatThrownBy(() -> again.get(20, TimeUnit.SECONDS)).hasStackTraceContaining("it has been closed");
    }
}
