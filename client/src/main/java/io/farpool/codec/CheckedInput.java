package io.farpool.codec;

import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.Input;

/**
 * Kryo's input over a byte array, distrusting every length it reads: an array is made only when the bytes for it are there, so that
 * garbage cannot ask for gigabytes.
 */
final class CheckedInput extends Input {
    private static final byte[] EMPTY = new byte[0];
    private static final int KEPT_CHARS = 1 << 16;

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
        int remaining = limit - position;
        if (length < 0 || (long) length * minimumBytesEach > remaining) {
            throw new KryoException("a length of " + length + " is claimed, but only " + remaining + " bytes remain");
        }
        return length;
    }

    /** Lets go of the bytes, and of a large string buffer. */
    void release() {
        setBuffer(EMPTY);
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

    @Override
    public boolean[] readBooleans(int length) {
        return super.readBooleans(check(length, 1));
    }

    @Override
    public short[] readShorts(int length) {
        return super.readShorts(check(length, 2));
    }

    @Override
    public char[] readChars(int length) {
        return super.readChars(check(length, 2));
    }

    @Override
    public int[] readInts(int length) {
        return super.readInts(check(length, 4));
    }

    @Override
    public int[] readInts(int length, boolean optimizePositive) {
        return super.readInts(check(length, 1), optimizePositive);
    }

    @Override
    public long[] readLongs(int length) {
        return super.readLongs(check(length, 8));
    }

    @Override
    public long[] readLongs(int length, boolean optimizePositive) {
        return super.readLongs(check(length, 1), optimizePositive);
    }

    @Override
    public float[] readFloats(int length) {
        return super.readFloats(check(length, 4));
    }

    @Override
    public double[] readDoubles(int length) {
        return super.readDoubles(check(length, 8));
    }
}
