package io.farpool.wire;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Random bytes that nobody can guess: secrets, and names that nobody else has. Thread-safe.
 *
 * <p>They are the kernel's, read where {@link SecureRandom} reads them, too. That class itself is loaded only where there is no such
 * device: it looks for providers of algorithms, for which a program's first result would wait some 20 ms.
 */
public final class RandomBytes {
    private static final String DEVICE = "/dev/urandom";

    private RandomBytes() {}

    /** So many of them. */
    public static byte[] take(int count) {
        return take(DEVICE, count);
    }

    static byte[] take(String deviceFile, int count) {
        try (InputStream device = new FileInputStream(deviceFile)) {
            byte[] bytes = device.readNBytes(count);
            if (bytes.length == count) {
                return bytes;
            }
        } catch (IOException noSuchDevice) {
            // The JDK has another source then.
        }
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** Eight of them. */
    public static long nextLong() {
        return ByteBuffer.wrap(take(Long.BYTES)).getLong();
    }
}
