package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.KryoBufferUnderflowException;
import java.io.InputStream;

/**
 * Kryo's input over a byte array, or a stream of known length, distrusting every length it reads: an array is made only when the
 * bytes for it are there, so that garbage cannot ask for gigabytes.
 */
final class CheckedInput extends Input {
    private static final byte[] EMPTY = new byte[0];
    private static final int KEPT_CHARS = 1 << 16;
    private static final int STREAM_BUFFER_BYTES = 1 << 16;
    /** What a stream is asked for at once: it may keep as much memory beside the heap. */
    private static final int PIECE_BYTES = 1 << 18;

    private static final int NO_STREAM = -1;

    private long streamBytes = NO_STREAM;

    CheckedInput() {
        super(EMPTY);
    }

    /** Reads the number of elements that follow, each of which takes at least a byte. */
    static int readLength(Input input) {
        int length = input.readVarInt(true);
        return input instanceof CheckedInput checked ? checked.check(length, 1) : length;
    }

    /** Checks a number of elements that was read, each of which takes at least that many bytes. */
    private int check(int length, int minimumBytesEach) {
        long remaining = remaining();
        if (length < 0 || (long) length * minimumBytesEach > remaining) {
            throw new KryoException("a length of " + length + " is claimed, but only " + remaining + " bytes remain");
        }
        return length;
    }

    /** Reads from a stream of so many bytes from now on. */
    void readFrom(InputStream stream, long sizeBytes) {
        setBuffer(new byte[STREAM_BUFFER_BYTES], 0, 0);
        setInputStream(stream);
        streamBytes = sizeBytes;
    }

    /** Reads from an array from now on. */
    void readFrom(byte[] bytes, int offset, int length) {
        setBuffer(bytes, offset, length);
        streamBytes = NO_STREAM;
    }

    /** How many bytes have not been read. */
    long remaining() {
        return isStream() ? streamBytes - total() : limit - position;
    }

    private boolean isStream() {
        return streamBytes != NO_STREAM;
    }

    /** Lets go of the bytes, and of a large string buffer. */
    void release() {
        readFrom(EMPTY, 0, 0);
        if (chars.length > KEPT_CHARS) {
            chars = new char[32];
        }
    }

    @Override
    public int readVarIntFlag(boolean optimizePositive) {
        int value = super.readVarIntFlag(optimizePositive);
        // Only strings use it: their length + 1, each character at least a byte.
        check(Math.max(value - 1, value < 0 ? -1 : 0), 1);
        return value;
    }

    @Override
    public byte[] readBytes(int length) {
        return super.readBytes(check(length, 1));
    }

    /** Many bytes of a stream go straight into the array, not through the buffer. */
    @Override
    public void readBytes(byte[] bytes, int offset, int count) {
        int buffered = Math.min(count, limit - position);
        if (!isStream() || count - buffered < STREAM_BUFFER_BYTES) {
            super.readBytes(bytes, offset, count);
            return;
        }
        super.readBytes(bytes, offset, buffered);
        int done = buffered;
        while (done < count) {
            int read = fill(bytes, offset + done, Math.min(PIECE_BYTES, count - done));
            if (read < 0) {
                throw new KryoBufferUnderflowException("the stream ended " + (count - done) + " bytes too soon");
            }
            done += read;
            total += read;
        }
    }

    @Override
    public boolean[] readBooleans(int length) {
        return super.readBooleans(check(length, 1));
    }

    // In pieces that fit into the buffer: Kryo counts the bytes of an array in an int.

    @Override
    public short[] readShorts(int length) {
        if (ElementBytes.areFew(length, Short.BYTES)) {
            return super.readShorts(check(length, Short.BYTES));
        }
        short[] array = new short[check(length, Short.BYTES)];
        read(length, Short.BYTES, (bytes, done, piece) -> bytes.asShortBuffer().get(array, done, piece));
        return array;
    }

    @Override
    public char[] readChars(int length) {
        if (ElementBytes.areFew(length, Character.BYTES)) {
            return super.readChars(check(length, Character.BYTES));
        }
        char[] array = new char[check(length, Character.BYTES)];
        read(length, Character.BYTES, (bytes, done, piece) -> bytes.asCharBuffer()
                .get(array, done, piece));
        return array;
    }

    @Override
    public int[] readInts(int length) {
        if (ElementBytes.areFew(length, Integer.BYTES)) {
            return super.readInts(check(length, Integer.BYTES));
        }
        int[] array = new int[check(length, Integer.BYTES)];
        read(length, Integer.BYTES, (bytes, done, piece) -> bytes.asIntBuffer().get(array, done, piece));
        return array;
    }

    @Override
    public int[] readInts(int length, boolean optimizePositive) {
        return ElementBytes.areFew(length, Integer.BYTES)
                ? super.readInts(check(length, 1), optimizePositive)
                : readInts(length);
    }

    @Override
    public long[] readLongs(int length) {
        if (ElementBytes.areFew(length, Long.BYTES)) {
            return super.readLongs(check(length, Long.BYTES));
        }
        long[] array = new long[check(length, Long.BYTES)];
        read(length, Long.BYTES, (bytes, done, piece) -> bytes.asLongBuffer().get(array, done, piece));
        return array;
    }

    @Override
    public long[] readLongs(int length, boolean optimizePositive) {
        return ElementBytes.areFew(length, Long.BYTES)
                ? super.readLongs(check(length, 1), optimizePositive)
                : readLongs(length);
    }

    @Override
    public float[] readFloats(int length) {
        if (ElementBytes.areFew(length, Float.BYTES)) {
            return super.readFloats(check(length, Float.BYTES));
        }
        float[] array = new float[check(length, Float.BYTES)];
        read(length, Float.BYTES, (bytes, done, piece) -> bytes.asFloatBuffer().get(array, done, piece));
        return array;
    }

    @Override
    public double[] readDoubles(int length) {
        if (ElementBytes.areFew(length, Double.BYTES)) {
            return super.readDoubles(check(length, Double.BYTES));
        }
        double[] array = new double[check(length, Double.BYTES)];
        read(length, Double.BYTES, (bytes, done, piece) -> bytes.asDoubleBuffer()
                .get(array, done, piece));
        return array;
    }

    private void read(int elements, int bytesEach, ElementBytes array) {
        for (int done = 0; done < elements; ) {
            int piece = Math.min(elements - done, STREAM_BUFFER_BYTES / bytesEach);
            int bytes = piece * bytesEach;
            require(bytes);
            array.move(ElementBytes.at(buffer, position, bytes), done, piece);
            position += bytes;
            done += piece;
        }
    }
}
