package io.farpool.payload;

import io.farpool.proto.v1.PayloadReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.slf4j.LoggerFactory;

/**
 * A file that holds a payload's bytes, and what they are to be. Immutable.
 *
 * @param path the file, absolute
 * @param sizeBytes its length
 * @param crc32c of all its bytes
 */
public record PayloadFile(Path path, long sizeBytes, int crc32c) {
    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * The file that a reference says is on this machine.
     *
     * @throws IllegalArgumentException if it names no file, or a relative one
     */
    public static PayloadFile of(PayloadReference reference) {
        Path path = Path.of(reference.getPath());
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(
                    "a payload's path is '" + reference.getPath() + "', expected an absolute one");
        }
        return new PayloadFile(path, reference.getSizeBytes(), reference.getCrc32C());
    }

    /** For whoever shares this machine's files. */
    public PayloadReference here() {
        return elsewhere().toBuilder().setPath(path.toString()).build();
    }

    /** For other machines. */
    public PayloadReference elsewhere() {
        return PayloadReference.newBuilder()
                .setSizeBytes(sizeBytes)
                .setCrc32C(crc32c)
                .build();
    }

    /**
     * Reads all of it.
     *
     * @throws PayloadDamagedException if it is not what it should be
     * @throws IOException if it cannot be read
     */
    public void verify() throws IOException {
        CRC32C crc = new CRC32C();
        long readBytes = 0;
        try (InputStream in = Files.newInputStream(path)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                crc.update(buffer, 0, count);
                readBytes += count;
            }
        }
        check(readBytes, (int) crc.getValue());
    }

    /** Removes the file, if it is there. What cannot be removed goes with its directory. */
    public void discard() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Not a field: in a worker process, a logging library would say on the user's stderr that it is not set up.
            LoggerFactory.getLogger(PayloadFile.class)
                    .debug("event=payload-not-removed file={} reason=\"{}\"", path, e.toString());
        }
    }

    /** @throws PayloadDamagedException if so many bytes with that sum are not these */
    void check(long actualBytes, int actualCrc32c) throws PayloadDamagedException {
        if (actualBytes != sizeBytes || actualCrc32c != crc32c) {
            throw new PayloadDamagedException("the payload has " + actualBytes + " bytes with the CRC32C "
                    + Integer.toHexString(actualCrc32c) + ", expected " + sizeBytes + " bytes with "
                    + Integer.toHexString(crc32c));
        }
    }
}
