package io.farpool.wire;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Random bytes that nobody can guess: secrets, and names that nobody else has. Thread-safe.
 *
 * <p>They are the kernel's, read from the device that {@link SecureRandom} reads by default, too. That class is asked only where the
 * device cannot be read: it looks for providers of algorithms first, for which a program's first result would wait some 20 ms. So
 * providers that a JVM is configured with have no part in these.
 */
public final class RandomBytes {
    private static final String DEVICE = "/dev/urandom";

    private RandomBytes() {}

    /** So many of them. */
    public static byte[] take(int count) {
        return take(DEVICE, count);
    }

    static byte[] take(String deviceFile, int count) {
        byte[] bytes = new byte[count];
        try (InputStream device = new FileInputStream(deviceFile)) {
            if (device.readNBytes(bytes, 0, count) == count) {
                return bytes;
            }
        } catch (IOException unreadable) {
            // The JDK has other sources.
        }
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** Eight of them. */
    public static long nextLong() {
        return ByteBuffer.wrap(take(Long.BYTES)).getLong();
    }
}
