package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.esotericsoftware.kryo.kryo5.io.Output;
import io.farpool.NotSerializableTaskException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodecGarbageTest {
    private static final long SEED = 20_240_229;

    private final Codec codec = new Codec();

    @Test
    void noBytesAreAnError() {
        assertThatThrownBy(() -> codec.decode(new byte[0]))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageStartingWith("cannot rebuild a value from its 0 bytes: ");
    }

    @Test
    void bytesLeftOverAreAnError() {
        byte[] bytes = codec.encode("text");
        assertThatThrownBy(() -> codec.decode(Arrays.copyOf(bytes, bytes.length + 3)))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("3 of " + (bytes.length + 3) + " bytes are left over");
    }

    @Test
    void anUnknownClassIsNamed() {
        byte[] bytes = codec.encode(new ClassValues.Point(1, 2));
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        int at = text.indexOf("ClassValues");
        bytes[at] = 'X';

        assertThatThrownBy(() -> codec.decode(bytes))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("io.farpool.codec.XlassValues$Point");
    }

    @Test
    void truncatedBytesAreAnErrorWhereverTheyEnd() {
        byte[] bytes = codec.encode(sample());
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(NotSerializableTaskException.class);
        }
    }

    /** Claims of 2^31 - 10 elements, for every type that is read by a length. */
    @Test
    void hugeClaimedLengthsAreNotBelieved() {
        for (Object value : List.of(
                new byte[3],
                new boolean[3],
                new short[3],
                new char[3],
                new int[3],
                new long[3],
                new float[3],
                new double[3],
                new String[3],
                new Object[3],
                new ArrayList<>(List.of(1, 2, 3)),
                List.of(1, 2, 3))) {
            byte[] bytes = codec.encode(value);
            Output changed = new Output(1024);
            // One byte of class and one of reference, then the length.
            int start = bytes[0] < 0 ? 3 : 2;
            changed.writeBytes(bytes, 0, start);
            changed.writeVarInt(Integer.MAX_VALUE - 10, true);
            changed.writeBytes(bytes, start + 1, bytes.length - start - 1);
            assertThatThrownBy(() -> codec.decode(changed.toBytes()))
                    .as(value.getClass().getName())
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContaining("a length of ");
        }
    }

    @Test
    void randomBytesAreAnErrorOrAValueAndNothingElse() {
        Random random = new Random(SEED);
        for (int i = 0; i < 8_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            decodeAnyhow(bytes);
        }
    }

    @Test
    void damagedBytesAreAnErrorOrAValueAndNothingElse() {
        Random random = new Random(SEED);
        byte[] good = codec.encode(sample());
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = good.clone();
            for (int damage = random.nextInt(4); damage >= 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            decodeAnyhow(bytes);
        }
        assertThat(codec.decode(good)).isNotNull();
    }

    private void decodeAnyhow(byte[] bytes) {
        long start = System.nanoTime();
        try {
            codec.decode(bytes);
        } catch (NotSerializableTaskException e) {
            assertThat(e.getMessage()).startsWith("cannot rebuild a value from its ");
            assertThat(e).rootCause().isNotInstanceOf(OutOfMemoryError.class);
        } catch (RuntimeException | Error e) {
            fail("seed " + SEED + ", bytes " + Arrays.toString(bytes), e);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    private static Object sample() {
        return new ArrayList<>(List.of(
                new GraphValues.Node("node"),
                new HookValues.Keeper(new ArrayList<>(List.of(1, "two", 3.0))),
                new HookValues.Money(3, "EUR"),
                (LambdaValues.Make<String>) () -> "lambda",
                new IllegalStateException("message", new RuntimeException("cause")),
                new java.util.LinkedHashMap<>(java.util.Map.of("k", new int[] {1, 2, 3})),
                java.util.Collections.unmodifiableSet(new java.util.HashSet<>(List.of("a", "b"))),
                java.time.ZonedDateTime.parse("2024-02-29T12:00:00Z[UTC]"),
                "grüße"));
    }
}
