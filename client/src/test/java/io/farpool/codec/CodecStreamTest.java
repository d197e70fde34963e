package io.farpool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.kryo5.io.Output;
import io.farpool.NotSerializableTaskException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecStreamTest {
    private static final Codec CODEC = new Codec();
    private static final Codec OTHER_END = new Codec();

    /** Streams that a value went into, one for each time it was written. */
    private final List<ByteArrayOutputStream> streams = new ArrayList<>();

    private final Codec.Overflow overflow = () -> {
        streams.add(new ByteArrayOutputStream());
        return streams.get(streams.size() - 1);
    };

    static List<Values.Value> values() {
        return Values.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void everyValueSurvivesAStream(Values.Value value) throws Exception {
        Object sent = value.make().call();

        assertThat(CODEC.encode(sent, 0, overflow)).isNull();

        value.check().check(sent, decode(written()));
    }

    @Test
    void whatFitsStaysInMemoryAndWhatDoesNotGoesWholeIntoTheStream() throws Exception {
        byte[] value = new byte[1_000];
        int size = CODEC.encode(value).length;

        assertThat(CODEC.encode(value, size, overflow)).isEqualTo(CODEC.encode(value));
        assertThat(streams).isEmpty();
        assertThat(CODEC.encode(value, size - 1, overflow)).isNull();
        assertThat(written()).isEqualTo(CODEC.encode(value));
        assertThat(CODEC.encode("short", size, overflow)).isEqualTo(CODEC.encode("short"));
        assertThat(streams).hasSize(1);
    }

    @Test
    void longArraysOfEveryPrimitiveTypeSurviveAStreamAndAnArray() throws Exception {
        int length = 700_001;
        boolean[] booleans = new boolean[length];
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            booleans[i] = mixed(i) < 0;
            bytes[i] = (byte) mixed(i);
        }
        surviveAStreamAndAnArray(new Object[] {booleans, numbers(length), bytes, "end"}, 1 << 20);
    }

    /** Few elements take another way than many, and many come in pieces that rarely fit. */
    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 8_191, 8_192, 8_193, 16_384, 32_767, 32_769, 70_001})
    void arraysOfAnyLengthSurviveAStreamAndAnArray(int length) throws Exception {
        surviveAStreamAndAnArray(numbers(length), 0);
    }

    private void surviveAStreamAndAnArray(Object[] all, int mostBytes) throws Exception {
        assertThat(CODEC.encode(all, mostBytes, overflow)).isNull();

        assertThat(Arrays.deepEquals(all, (Object[]) decode(written()))).isTrue();
        assertThat(written()).isEqualTo(CODEC.encode(all));
        assertThat(Arrays.deepEquals(all, (Object[]) OTHER_END.decode(written())))
                .isTrue();
    }

    /** One array of each type, none of which begins where another would. */
    private static Object[] numbers(int length) {
        short[] shorts = new short[length];
        char[] chars = new char[length];
        int[] ints = new int[length];
        long[] longs = new long[length];
        float[] floats = new float[length];
        double[] doubles = new double[length];
        for (int i = 0; i < length; i++) {
            long mixed = mixed(i);
            shorts[i] = (short) (mixed >>> 48);
            chars[i] = (char) (mixed >>> 40);
            ints[i] = (int) (mixed >>> 32);
            longs[i] = mixed;
            floats[i] = i / 7.0f;
            doubles[i] = i / 3.0;
        }
        return new Object[] {"x", shorts, "x", chars, "x", ints, "x", longs, "x", floats, "x", doubles, "end"};
    }

    private static long mixed(int i) {
        return (i + 1) * 0x9E3779B97F4A7C15L;
    }

    @Test
    void aStreamThatEndsInsideAnArrayIsRefused() throws Exception {
        double[] doubles = new double[100_000];
        byte[] bytes = CODEC.encode(doubles);
        byte[] part = Arrays.copyOf(bytes, bytes.length - 3);
        assertThatThrownBy(() -> OTHER_END.decode(() -> new ByteArrayInputStream(part), bytes.length))
                .isInstanceOf(NotSerializableTaskException.class);
        assertThatThrownBy(() -> OTHER_END.decode(part)).isInstanceOf(NotSerializableTaskException.class);
    }

    @Test
    void longTextsSurviveAStream() throws Exception {
        for (String text : List.of("ascii ".repeat(500_000), "grüße 你好 🙂 ".repeat(200_000))) {
            assertThat(CODEC.encode(List.of(text, "end"), 1 << 20, overflow)).isNull();
            assertThat(decode(written())).isEqualTo(List.of(text, "end"));
        }
    }

    @Test
    void aDeepValueThatHasToBeWrittenAgainIsWholeInItsLastStream() throws Exception {
        Object[] deep = {new byte[100_000], "core"};
        for (int i = 0; i < 20_000; i++) {
            deep = new Object[] {deep};
        }

        assertThat(CODEC.encode(new Object[] {new byte[100_000], deep}, 1_000, overflow))
                .isNull();

        assertThat(streams).as("tries").hasSize(2);
        Object[] read = (Object[]) ((Object[]) decode(written()))[1];
        while (read.length == 1) {
            read = (Object[]) read[0];
        }
        assertThat(read[1]).isEqualTo("core");
    }

    @Test
    void aStreamOfMoreThanAnArrayHoldsIsCountedRightly() throws Exception {
        byte[] piece = new byte[64 << 20];
        long pieces = 48;
        AtomicLong bytes = new AtomicLong();
        OverflowingOutput output = new OverflowingOutput(512);
        output.begin(1 << 20, () -> new OutputStream() {
            @Override
            public void write(int b) {
                bytes.incrementAndGet();
            }

            @Override
            public void write(byte[] written, int offset, int length) {
                bytes.addAndGet(length);
            }
        });
        for (int i = 0; i < pieces; i++) {
            output.writeBytes(piece);
        }
        assertThat(output.end()).isTrue();
        assertThat(bytes).hasValue(3L << 30).hasValue(pieces * piece.length);

        CheckedInput input = new CheckedInput();
        input.readFrom(zeros(), bytes.get());
        for (int i = 0; i < pieces; i++) {
            input.readBytes(piece);
        }
        assertThat(input.remaining()).isZero();
        assertThat(input.total()).isEqualTo(bytes.get());
    }

    private static InputStream zeros() {
        return new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                return length;
            }
        };
    }

    @Test
    void hugeClaimedLengthsAreNotBelievedInAStreamEither() {
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
                new ArrayList<>(List.of(1, 2, 3)))) {
            byte[] bytes = CODEC.encode(value);
            Output changed = new Output(1024);
            // One byte of class and one of reference, then the length.
            int start = bytes[0] < 0 ? 3 : 2;
            changed.writeBytes(bytes, 0, start);
            changed.writeVarInt(Integer.MAX_VALUE - 10, true);
            changed.writeBytes(bytes, start + 1, bytes.length - start - 1);
            assertThatThrownBy(() -> decode(changed.toBytes()))
                    .as(value.getClass().getName())
                    .isInstanceOf(NotSerializableTaskException.class)
                    .hasMessageContaining("a length of ");
        }
    }

    @Test
    void aTruncatedStreamAndOneWithMoreInItAreErrors() {
        byte[] bytes = CODEC.encode(new ArrayList<>(List.of("one", 2, 3.0)));
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> decode(part)).isInstanceOf(NotSerializableTaskException.class);
            assertThatThrownBy(() -> OTHER_END.decode(() -> new ByteArrayInputStream(part), bytes.length))
                    .isInstanceOf(NotSerializableTaskException.class);
        }
        assertThatThrownBy(() -> decode(Arrays.copyOf(bytes, bytes.length + 3)))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("3 of " + (bytes.length + 3) + " bytes are left over");
    }

    @Test
    void whatAStreamThrowsComesOutAsItIs() {
        IOException full = new IOException("no space left");
        OutputStream failing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw full;
            }
        };
        Object value = new HookValues.Keeper(new ArrayList<>(List.of(new byte[10_000])));
        assertThatThrownBy(() -> CODEC.encode(value, 10, () -> failing)).isSameAs(full);
        assertThatThrownBy(() -> CODEC.encode(value, 10, () -> {
                    throw full;
                }))
                .isSameAs(full);
        assertThatThrownBy(() -> CODEC.decode(
                        () -> {
                            throw full;
                        },
                        10))
                .isSameAs(full);
        InputStream unreadable = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw full;
            }
        };
        assertThatThrownBy(() -> CODEC.decode(() -> unreadable, 10)).isSameAs(full);
        assertThat(CODEC.decode(CODEC.encode("after"))).isEqualTo("after");
    }

    @Test
    void aCheckNamesWhatCannotBeSerializedAndTakesWhatCan() {
        CODEC.check(new byte[3 << 20]);
        assertThatThrownBy(() -> CODEC.check(new Object[] {new byte[3 << 20], new Thread()}))
                .isInstanceOf(NotSerializableTaskException.class)
                .hasMessageContaining("Thread");
    }

    private byte[] written() {
        return streams.get(streams.size() - 1).toByteArray();
    }

    private static Object decode(byte[] bytes) throws IOException {
        return OTHER_END.decode(() -> new ByteArrayInputStream(bytes), bytes.length);
    }
}
