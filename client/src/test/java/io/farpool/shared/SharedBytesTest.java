package io.farpool.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import io.farpool.Shared;
import io.farpool.blob.BlobDigest;
import io.farpool.codec.Captures;
import io.farpool.codec.Codec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shared value's file, from the share to the last that holds it. */
class SharedBytesTest {
    private static final int VALUE_MEBIBYTES = 64;

    private final SharedFiles files = new SharedFiles(Runnable::run);
    private final Codec codec = new Codec();

    @AfterEach
    void close() {
        files.close();
    }

    private <T> SharedOriginal<T> share(T value) {
        return new SharedOriginal<>(value, files.write(codec, value));
    }

    private List<SharedBytes> captured(Object value) {
        Captures captures = new Captures();
        byte[] ignored = captures.during(() -> codec.encode(value));
        return SharedBytes.in(captures);
    }

    private Path fileOf(SharedOriginal<?> original) {
        List<SharedBytes> captured = captured(original);
        captured.forEach(SharedBytes::release);
        return captured.get(0).file();
    }

    @Test
    void theFileHoldsWhatTheDigestNames() throws IOException {
        List<SharedBytes> captured = captured(share(List.of(1, 2, 3)));
        assertThat(captured).hasSize(1);
        assertThat(BlobDigest.ofFile(captured.get(0).file()))
                .isEqualTo(captured.get(0).digest());
        assertThat(codec.decode(Files.readAllBytes(captured.get(0).file()))).isEqualTo(List.of(1, 2, 3));
        captured.forEach(SharedBytes::release);
    }

    @Test
    void theSameContentIsInOneFileUntilNobodyNeedsIt() throws IOException {
        SharedOriginal<List<Integer>> first = share(List.of(1, 2, 3));
        SharedOriginal<List<Integer>> second = share(List.of(1, 2, 3));
        Path file = fileOf(second);
        assertThat(fileOf(first)).isEqualTo(file);
        try (var files = Files.list(file.getParent())) {
            assertThat(files.filter(each -> each.getFileName().toString().startsWith("value-")))
                    .containsExactly(file);
        }
        first.close();
        assertThat(fileOf(second)).exists();
        second.close();
        assertThat(file).doesNotExist();
        assertThat(fileOf(share(List.of(1, 2, 3)))).exists();
    }

    @Test
    void aLargeValueIsWrittenWithoutHavingItsBytesInMemory() throws IOException {
        share(largeValue(1)).close(); // what is made once is made
        List<Object> value = largeValue(VALUE_MEBIBYTES);
        long beforeBytes = Allocation.byThisThread();
        SharedBytes written = files.write(codec, value);
        assertThat(Allocation.byThisThread() - beforeBytes).isLessThan(4 << 20);
        assertThat(written.digest()).isEqualTo(BlobDigest.ofFile(written.file()));
        assertThat(written.digest().sizeBytes()).isGreaterThan((long) VALUE_MEBIBYTES << 20);
        written.close();
    }

    private static List<Object> largeValue(int mebibytes) {
        List<Object> value = new ArrayList<>();
        value.add(new byte[(mebibytes / 2) << 20]);
        value.add(new double[(mebibytes / 4) << 17]);
        for (int i = 0; i <= mebibytes / 4; i++) {
            value.add(new byte[1 << 20]);
        }
        return value;
    }

    @Test
    void whatTurnsOutTooDeepIsWrittenAnewFromTheBeginning() throws IOException {
        List<Object> deep = new ArrayList<>(List.of("the bottom"));
        for (int depth = 0; depth < 10_000; depth++) {
            deep = new ArrayList<>(List.of(deep));
        }
        byte[] large = new byte[300_000];
        large[large.length - 1] = 7;
        SharedBytes written = files.write(codec, new ArrayList<>(List.of(large, deep)));
        assertThat(written.digest()).isEqualTo(BlobDigest.ofFile(written.file()));
        List<?> read = (List<?>) codec.decode(Files.readAllBytes(written.file()));
        assertThat(read.get(0)).isEqualTo(large);
        Object inner = read.get(1);
        for (int depth = 0; depth < 10_000; depth++) {
            inner = ((List<?>) inner).get(0);
        }
        assertThat(inner).isEqualTo(List.of("the bottom"));
        written.close();
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() throws IOException {
        SharedOriginal<String> first = share("first");
        Path directory = fileOf(first).getParent();
        Files.createDirectory(directory.resolve("value-2"));
        assertThatThrownBy(() -> share("second"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot write a shared value to " + directory.resolve("value-2"));
        assertThat(share("third").get()).isEqualTo("third");
    }

    @Test
    void itIsCapturedOnceHoweverItIsReached() throws IOException {
        SharedOriginal<String> value = share("value");
        List<Object> nested = new ArrayList<>(List.of(value, Map.of("key", value)));
        for (int depth = 0; depth < 100_000; depth++) {
            List<Object> outer = new ArrayList<>(1);
            outer.add(nested);
            nested = outer;
        }
        List<SharedBytes> captured = captured(nested);
        assertThat(captured).hasSize(1);
        captured.forEach(SharedBytes::release);
    }

    @Test
    void whatIsCapturedStaysUntilItIsReleased() throws IOException {
        SharedOriginal<String> value = share("value");
        Path file = fileOf(value);
        List<SharedBytes> captured = captured(value);
        value.close();
        value.close();
        assertThat(file).exists();
        captured.forEach(SharedBytes::release);
        assertThat(file).doesNotExist();
    }

    @Test
    void aClosedValueIsNotSerialized() throws IOException {
        SharedOriginal<String> value = share("value");
        value.close();
        assertThatThrownBy(() -> captured(List.of(value)))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("this shared value has been closed");
        assertThatThrownBy(value::get).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aValueThatRefersToAnotherKeepsIt() throws IOException {
        SharedOriginal<String> inner = share("inner");
        Path innerFile = fileOf(inner);
        SharedOriginal<List<Shared<String>>> outer = share(List.of(inner));
        inner.close();
        assertThat(innerFile).exists();
        List<SharedBytes> captured = captured(outer);
        assertThat(captured).extracting(SharedBytes::file).contains(innerFile).hasSize(2);
        outer.close();
        assertThat(innerFile).exists();
        captured.forEach(SharedBytes::release);
        assertThat(innerFile).doesNotExist();
    }

    @Test
    void aReferenceThatComesBackIsTheOriginal() throws IOException {
        SharedOriginal<List<Integer>> value = share(List.of(1));
        byte[] bytes = codec.encode(List.of(value));
        assertThat(((List<?>) codec.decode(bytes)).get(0)).isSameAs(value);
        value.close();
        Shared<?> absent = (Shared<?>) ((List<?>) codec.decode(bytes)).get(0);
        assertThatThrownBy(absent::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this shared value is not here");
    }

    @Test
    void ofTwoEqualValuesEitherMayBeClosedFirst() {
        for (boolean firstCloses : List.of(true, false)) {
            SharedOriginal<List<Integer>> first = share(List.of(1, 2));
            SharedOriginal<List<Integer>> second = share(List.of(1, 2));
            byte[] bytes = codec.encode(List.of(first));
            (firstCloses ? first : second).close();
            assertThat(((List<?>) codec.decode(bytes)).get(0)).isSameAs(firstCloses ? second : first);
            first.close();
            second.close();
            Shared<?> absent = (Shared<?>) ((List<?>) codec.decode(bytes)).get(0);
            assertThatThrownBy(absent::get).hasMessageContaining("this shared value is not here");
        }
    }

    @Test
    void theSessionsEndEndsWhatItShares() throws IOException {
        SharedOriginal<String> free = share("free");
        SharedOriginal<String> held = share("held");
        Path freeFile = fileOf(free);
        Path heldFile = fileOf(held);
        List<SharedBytes> ofAnotherSession = captured(held);
        files.close();
        assertThat(freeFile).doesNotExist();
        assertThat(heldFile).exists();
        assertThat(free.get()).isEqualTo("free");
        assertThatThrownBy(() -> captured(free)).hasMessageContaining("the pool that shared this value has ended");
        assertThatThrownBy(() -> share("late")).isInstanceOf(RejectedExecutionException.class);
        ofAnotherSession.forEach(SharedBytes::release);
        assertThat(heldFile.getParent()).doesNotExist();
    }

    @Test
    void theSessionsEndRemovesFilesBeforeItReturns() {
        SharedFiles withoutThreads = new SharedFiles(removal -> {});
        Path first = withoutThreads.write(codec, "first").file();
        SharedBytes closed = withoutThreads.write(codec, "closed before");
        closed.close();
        assertThat(closed.file()).exists();
        withoutThreads.close();
        assertThat(first.getParent()).doesNotExist();
    }

    @Test
    void whatCannotBeSerializedLeavesNoFile() throws IOException {
        SharedOriginal<String> first = share("first");
        Path directory = fileOf(first).getParent();
        assertThatThrownBy(() -> share(new Thread())).isInstanceOf(NotSerializableTaskException.class);
        assertThatThrownBy(() -> share(List.of(first, new byte[1 << 20], new Thread())))
                .isInstanceOf(NotSerializableTaskException.class);
        try (var left = Files.list(directory)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("value")))
                    .hasSize(1);
        }
        first.close();
        assertThat(directory.resolve("value-1"))
                .as("held by what was not written")
                .doesNotExist();
    }
}
