package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Kryo with its buffers: what {@link Codec} pools. Confined to one thread at a time, and thrown away after a failure, since
 * Kryo then keeps remains of the broken graph.
 */
final class Coder {
    private static final int FIRST_BUFFER_BYTES = 512;
    /** What a payload inside a message needs, when a buffer grows by doubling. */
    private static final int KEPT_BUFFER_BYTES = 2 << 20;

    private static final byte[] EMPTY = new byte[0];

    private final FarpoolKryo kryo;
    private final GraphReferences references;
    private final CheckedInput input = new CheckedInput();
    private OverflowingOutput output = new OverflowingOutput(FIRST_BUFFER_BYTES);

    Coder(SerializerChoice choice, ClassLoader loader) {
        kryo = new FarpoolKryo(choice, loader);
        references = GraphReferences.of(kryo);
    }

    byte[] encode(@Nullable Object value, int depthLimit, Consumer<Class<?>> named) {
        output.begin();
        write(value, depthLimit, named);
        return written();
    }

    /** No bytes if the value was larger than that, and has gone into the overflow. */
    byte[] encode(
            @Nullable Object value, int mostBytes, Codec.Overflow overflow, int depthLimit, Consumer<Class<?>> named) {
        output.begin(mostBytes, overflow);
        write(value, depthLimit, named);
        return output.end() ? EMPTY : written();
    }

    private void write(@Nullable Object value, int depthLimit, Consumer<Class<?>> named) {
        kryo.tellNamed(named);
        write(output, value, depthLimit);
        kryo.tellNamed(null);
    }

    private byte[] written() {
        byte[] bytes = output.toBytes();
        if (output.getBuffer().length > KEPT_BUFFER_BYTES) {
            output = new OverflowingOutput(FIRST_BUFFER_BYTES);
        }
        return bytes;
    }

    @Nullable
    Object decode(byte[] bytes, int offset, int length, int depthLimit) {
        input.readFrom(bytes == null ? EMPTY : bytes, offset, length);
        return decode(length, depthLimit);
    }

    @Nullable
    Object decode(InputStream stream, long sizeBytes, int depthLimit) {
        input.readFrom(stream, sizeBytes);
        return decode(sizeBytes, depthLimit);
    }

    private @Nullable Object decode(long sizeBytes, int depthLimit) {
        Object value = read(input, depthLimit);
        long left = input.remaining();
        if (left != 0) {
            throw new KryoException(left + " of " + sizeBytes + " bytes are left over");
        }
        input.release();
        return value;
    }

    /** Writes a whole graph to any output, one over a stream too. */
    void write(Output to, @Nullable Object value, int depthLimit) {
        references.limitDepth(depthLimit);
        kryo.writeClassAndObject(to, value);
        kryo.reset();
    }

    /** Reads a whole graph from any input, one over a stream too. Only a {@link CheckedInput} checks lengths before it allocates. */
    @Nullable
    Object read(Input from, int depthLimit) {
        references.limitDepth(depthLimit);
        Object value = references.read(kryo, from);
        references.finish();
        kryo.reset();
        return value;
    }
}
