package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.io.Output;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Kryo's output into memory and, once that is more than allowed, into a stream: all of it, from the beginning. What the stream
 * throws comes out as a {@link StreamFailure}. Confined to one thread at a time.
 */
final class OverflowingOutput extends Output {
    /** What a stream is given at once: it may keep as much memory beside the heap. */
    private static final int PIECE_BYTES = 1 << 18;

    private int mostInMemory = Integer.MAX_VALUE;
    private Codec.@Nullable Overflow overflow;
    /** The output stream, once there is one. */
    private @Nullable Guarded elsewhere;

    OverflowingOutput(int firstBufferBytes) {
        super(firstBufferBytes, -1);
    }

    /** Begins a value that is to stay in memory. */
    void begin() {
        reset();
        letGo();
    }

    /** Begins a value that goes elsewhere if it is larger than this. */
    void begin(int mostBytes, Codec.Overflow ifLarger) {
        begin();
        overflow = ifLarger;
        mostInMemory = mostBytes;
    }

    /** The value has been written. True if it has gone elsewhere, false if it is all here. */
    boolean end() {
        if (overflow != null && position > mostInMemory) {
            overflow();
        }
        boolean overflowed = outputStream != null;
        flush();
        letGo();
        return overflowed;
    }

    /** What has taken the bytes may keep them: a stream of the JDK's into a file keeps the last array that it was given. */
    private void letGo() {
        outputStream = null;
        elsewhere = null;
        overflow = null;
        mostInMemory = Integer.MAX_VALUE;
    }

    @Override
    protected boolean require(int required) {
        if (overflow != null && outputStream == null && required > mostInMemory - position) {
            overflow();
        }
        return super.require(required);
    }

    private void overflow() {
        if (overflow != null && outputStream == null) {
            try {
                elsewhere = new Guarded(overflow.begin());
                outputStream = elsewhere;
            } catch (IOException e) {
                throw new StreamFailure(e);
            }
        }
    }

    /** Many bytes go straight into the stream, not through the buffer. */
    @Override
    public void writeBytes(byte[] bytes, int offset, int count) {
        if (count > mostInMemory - position) {
            overflow();
        }
        Guarded stream = elsewhere;
        if (stream == null || count < PIECE_BYTES) {
            super.writeBytes(bytes, offset, count);
            return;
        }
        flush();
        for (int done = 0; done < count; ) {
            int piece = Math.min(PIECE_BYTES, count - done);
            stream.write(bytes, offset + done, piece);
            done += piece;
        }
        total += count;
    }

    // In pieces that fit into the buffer: Kryo counts the bytes of an array in an int.

    @Override
    public void writeShorts(short[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Short.BYTES)) {
            super.writeShorts(array, offset, count);
        } else {
            write(count, Short.BYTES, (bytes, done, piece) -> bytes.asShortBuffer()
                    .put(array, offset + done, piece));
        }
    }

    @Override
    public void writeChars(char[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Character.BYTES)) {
            super.writeChars(array, offset, count);
        } else {
            write(count, Character.BYTES, (bytes, done, piece) -> bytes.asCharBuffer()
                    .put(array, offset + done, piece));
        }
    }

    @Override
    public void writeInts(int[] array, int offset, int count, boolean optimizePositive) {
        if (ElementBytes.areFew(count, Integer.BYTES)) {
            super.writeInts(array, offset, count, optimizePositive);
        } else {
            writeInts(array, offset, count);
        }
    }

    @Override
    public void writeInts(int[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Integer.BYTES)) {
            super.writeInts(array, offset, count);
        } else {
            write(count, Integer.BYTES, (bytes, done, piece) -> bytes.asIntBuffer()
                    .put(array, offset + done, piece));
        }
    }

    @Override
    public void writeLongs(long[] array, int offset, int count, boolean optimizePositive) {
        if (ElementBytes.areFew(count, Long.BYTES)) {
            super.writeLongs(array, offset, count, optimizePositive);
        } else {
            writeLongs(array, offset, count);
        }
    }

    @Override
    public void writeLongs(long[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Long.BYTES)) {
            super.writeLongs(array, offset, count);
        } else {
            write(count, Long.BYTES, (bytes, done, piece) -> bytes.asLongBuffer()
                    .put(array, offset + done, piece));
        }
    }

    @Override
    public void writeFloats(float[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Float.BYTES)) {
            super.writeFloats(array, offset, count);
        } else {
            write(count, Float.BYTES, (bytes, done, piece) -> bytes.asFloatBuffer()
                    .put(array, offset + done, piece));
        }
    }

    @Override
    public void writeDoubles(double[] array, int offset, int count) {
        if (ElementBytes.areFew(count, Double.BYTES)) {
            super.writeDoubles(array, offset, count);
        } else {
            write(count, Double.BYTES, (bytes, done, piece) -> bytes.asDoubleBuffer()
                    .put(array, offset + done, piece));
        }
    }

    private void write(int elements, int bytesEach, ElementBytes array) {
        for (int done = 0; done < elements; ) {
            int piece = Math.min(elements - done, Math.max(1, capacity / bytesEach));
            int bytes = piece * bytesEach;
            require(bytes);
            array.move(ElementBytes.at(buffer, position, bytes), done, piece);
            position += bytes;
            done += piece;
        }
    }

    /** Lets its failures be told from those of the value. */
    private static final class Guarded extends OutputStream {
        private final OutputStream to;

        Guarded(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                to.write(bytes, offset, length);
            } catch (IOException e) {
                throw new StreamFailure(e);
            }
        }
    }
}
