package io.farpool.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Some elements of an array of numbers, and their bytes: each element of fixed size, its lowest byte first. Moved all at once, they
 * take a fraction of the time that they take one by one, as Kryo moves them (docs/performance.md).
 */
interface ElementBytes {
    /**
     * Arrays of fewer bytes are sooner moved one by one. They are as Kryo has them: an int or a long takes as many bytes as its
     * value needs, in an array that is written in pieces all of them.
     */
    int FEW = 256;

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
