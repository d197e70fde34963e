package io.farpool.payload;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A payload on its way into a file of its own. Not buffered: give it pieces, not bytes.
 *
 * <p>For one thread at a time. Always close it: closing before {@link #finish} removes the file.
 */
public final class PayloadWriter extends OutputStream {
    private final Path path;
    /** Not a channel: that would be closed by an interrupt, which is none of the payload's business. */
    private final OutputStream file;

    private final CRC32C crc = new CRC32C();
    private long writtenBytes;
    private boolean ended;

    PayloadWriter(Path path, OutputStream file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Begins a file.
     *
     * @param path where no file is yet
     * @throws IOException if there is one, or none can be made
     */
    public static PayloadWriter create(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        return new PayloadWriter(
                absolute, Files.newOutputStream(absolute, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        crc.update(bytes, offset, length);
        writtenBytes += length;
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the payload's first " + writtenBytes + " bytes into " + path + ": " + e.getMessage(),
                    e);
        }
    }

    /** How many bytes have been written. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** The payload is complete: the file stays, and is the caller's. */
    public PayloadFile finish() throws IOException {
        file.close();
        ended = true;
        return new PayloadFile(path, writtenBytes, (int) crc.getValue());
    }

    /** Gives up, unless it has been finished. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            try {
                file.close();
            } finally {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path + ": " + e.getMessage(), e);
        }
    }
}
