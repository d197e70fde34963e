package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Kryo with its buffers: what {@link Codec} pools. Confined to one thread at a time, and thrown away after a failure, since
 * Kryo then keeps remains of the broken graph.
 */
final class Coder {
    private static final int FIRST_BUFFER_BYTES = 512;
    private static final int KEPT_BUFFER_BYTES = 1 << 20;
    private static final byte[] EMPTY = new byte[0];

    private final FarpoolKryo kryo;
    private final GraphReferences references;
    private final CheckedInput input = new CheckedInput();
    private Output output = new Output(FIRST_BUFFER_BYTES, -1);

    Coder(SerializerChoice choice, ClassLoader loader) {
        kryo = new FarpoolKryo(choice, loader);
        references = GraphReferences.of(kryo);
    }

    byte[] encode(@Nullable Object value, int depthLimit, Consumer<Class<?>> named) {
        output.reset();
        kryo.tellNamed(named);
        write(output, value, depthLimit);
        kryo.tellNamed(null);
        byte[] bytes = output.toBytes();
        if (output.getBuffer().length > KEPT_BUFFER_BYTES) {
            output = new Output(FIRST_BUFFER_BYTES, -1);
        }
        return bytes;
    }

    @Nullable
    Object decode(byte[] bytes, int offset, int length, int depthLimit) {
        input.setBuffer(bytes == null ? EMPTY : bytes, offset, length);
        Object value = read(input, depthLimit);
        int left = input.limit() - input.position();
        if (left != 0) {
            throw new KryoException(left + " of " + length + " bytes are left over");
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
