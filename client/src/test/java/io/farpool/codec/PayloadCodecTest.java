package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.NotSerializableTaskException;
import io.farpool.RemoteCallable;
import io.farpool.RemoteTaskException;
import io.farpool.contract.Await;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Payload;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadCodecTest {
    private static final int MOST_INLINE = 100_000;

    @TempDir
    Path directory;

    private final AtomicInteger made = new AtomicInteger();
    private final List<Path> discarded = new ArrayList<>();

    private final PayloadCodec.Place place = new PayloadCodec.Place() {
        @Override
        public Path newFile() {
            return directory.resolve("file-" + made.incrementAndGet());
        }

        @Override
        public void discard(Path file) {
            discarded.add(file);
        }
    };

    private final PayloadCodec payloads = new PayloadCodec(new Codec(), place, MOST_INLINE);

    @AfterEach
    void leavesNoInterrupt() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aSmallValueIsInsideTheMessage() {
        Payload payload = payloads.encode("small", "the task");
        assertThat(payload.hasReference()).isFalse();
        assertThat(payloads.decode(payload)).isEqualTo("small");
        assertThat(files()).isEmpty();
    }

    @Test
    void anArrayOf1MiBIsInsideTheMessageWithTheCallThatItIsFor() {
        PayloadCodec codec = new PayloadCodec(new Codec(), place, Protocol.MAX_INLINE_PAYLOAD_BYTES);
        byte[] bytes = new byte[1 << 20];
        RemoteCallable<Integer> call = () -> bytes.length;
        assertThat(codec.encode(call, "the task").hasReference()).isFalse();
    }

    @Test
    void aLargeValueIsInAFileThatStaysWhenItIsRead() {
        byte[] value = largeValue();
        Payload payload = payloads.encode(value, "the task");
        assertThat(payload.hasReference()).isTrue();
        assertThat(payload.getReference().getSizeBytes()).isGreaterThan(value.length);
        assertThat(payload.getReference().getPath()).isEqualTo(files().get(0).toString());
        assertThat((byte[]) payloads.decode(payload)).isEqualTo(value);
        assertThat((byte[]) payloads.decode(payload)).isEqualTo(value);
        assertThat(files()).hasSize(1);
        assertThat(discarded).isEmpty();
    }

    @Test
    void aLargeValueIsNotKeptOnceItIsWritten() {
        byte[] value = largeValue();
        WeakReference<byte[]> reference = new WeakReference<>(value);
        Payload payload = payloads.encode(value, "the task");
        value = null;
        Await.collected(reference);
        assertThat((byte[]) payloads.decode(payload)).isEqualTo(largeValue());
    }

    @Test
    void anInterruptIsKeptAndDoesNotEndTheWritingOrTheReading() {
        Thread.currentThread().interrupt();
        Payload payload = payloads.encode(largeValue(), "the task");
        assertThat((byte[]) payloads.decode(payload)).isEqualTo(largeValue());
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aValueThatCannotBeSerializedLeavesNoFile() {
        assertThatThrownBy(() -> payloads.encode(new Object[] {largeValue(), new Thread()}, "the task"))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("Thread");
        assertThat(made).hasValue(1);
        assertThat(files()).isEmpty();
        assertThat(discarded).hasSize(1);
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() throws IOException {
        Path there = Files.writeString(directory.resolve("file-1"), "somebody else's");
        assertThatThrownBy(() -> payloads.encode(largeValue(), "the result"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("the result takes more than " + MOST_INLINE + " bytes serialized")
                .hasMessageContaining(there.toString());
    }

    @Test
    void aFileThatIsGoneOrCutOrDamagedIsNamed() throws IOException {
        PayloadFile file =
                PayloadFile.of(payloads.encode(largeValue(), "the task").getReference());
        byte[] bytes = Files.readAllBytes(file.path());
        bytes[bytes.length / 2]++;
        Files.write(file.path(), bytes);
        assertThatThrownBy(() -> payloads.decode(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.path().toString())
                .hasMessageContaining("CRC32C");
        Files.write(file.path(), new byte[10]);
        assertThatThrownBy(() -> payloads.decode(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("it has 10 bytes, expected " + file.sizeBytes());
        Files.delete(file.path());
        assertThatThrownBy(() -> payloads.decode(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.path().toString());
    }

    @Test
    void aReferenceWithoutAPathIsRefused() {
        Payload payload = payloads.encode(largeValue(), "the task");
        Payload elsewhere = Payload.newBuilder()
                .setReference(PayloadFile.of(payload.getReference()).elsewhere())
                .build();
        assertThatThrownBy(() -> payloads.decode(elsewhere))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected an absolute one");
    }

    @Test
    void aLargeExceptionIsOneToo() {
        HeavyException thrown = new HeavyException(largeValue());
        Payload payload = payloads.encode(thrown, "the exception");
        assertThat(payload.hasReference()).isTrue();
        EncodedThrowable description = payloads.codec().describeThrowable(thrown);
        assertThat(description.bytes()).isNull();
        assertThat(payloads.codec().decodeThrowable(description, () -> payloads.decode(payload)))
                .isInstanceOfSatisfying(
                        HeavyException.class, read -> assertThat(read.weight).isEqualTo(largeValue()));
        IOException gone = new IOException("gone");
        assertThat(payloads.codec().decodeThrowable(description, () -> {
                    throw gone;
                }))
                .isInstanceOf(RemoteTaskException.class)
                .hasSuppressedException(gone);
    }

    private static final class HeavyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final byte[] weight;

        HeavyException(byte[] weight) {
            super("heavy");
            this.weight = weight;
        }
    }

    private static byte[] largeValue() {
        byte[] value = new byte[5 * MOST_INLINE];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) ((i * 31) >> 3);
        }
        return value;
    }

    private List<Path> files() {
        try (var files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
