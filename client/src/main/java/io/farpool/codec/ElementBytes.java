package io.farpool.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Some elements of an array of numbers, and their bytes: each element of fixed size, its lowest byte first. Moved all at once, they
 * take a fraction of the time that they take one by one, as Kryo moves them (docs/performance.md).
 */
interface ElementBytes {
    int FEW_BYTES = 256;

    /**
     * Whether so many elements are left to Kryo, which moves them one by one: that takes some tens of nanoseconds longer, but an int or
     * a long then takes only as many bytes as its value needs. Part of the format: who writes and who reads ask the same.
     */
    static boolean areFew(int elements, int bytesEach) {
        return elements < FEW_BYTES / bytesEach;
    }

    /**
     * Moves so many elements from the buffer, or into it.
     *
     * @param bytes begins with the first of them
     * @param done how many elements before these have been moved
     */
    void move(ByteBuffer bytes, int done, int elements);

    /** Those that begin there. */
    static ByteBuffer at(byte[] buffer, int position, int bytes) {
        return ByteBuffer.wrap(buffer, position, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
