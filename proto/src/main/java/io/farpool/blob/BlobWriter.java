package io.farpool.blob;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob on its way into a {@link BlobStore}: bytes are appended to a temporary file and digested as they come, and are
 * the store's only after {@link #commit}. Its room in the store is reserved from the start.
 *
 * <p>For one thread at a time. Always close it: closing before the commit leaves nothing behind.
 */
public final class BlobWriter implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(BlobWriter.class);

    private final BlobStore store;
    private final BlobDigest expected;
    private final String fileName;
    private final Path temporary;
    private final FileChannel channel;
    private final MessageDigest sha256 = BlobDigest.sha256();
    private long writtenBytes;
    private boolean ended;

    BlobWriter(BlobStore store, BlobDigest expected, String fileName, Path temporary) throws IOException {
        this.store = store;
        this.expected = expected;
        this.fileName = fileName;
        this.temporary = temporary;
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /**
     * Takes the next bytes; the buffer is read to its end.
     *
     * @throws BlobMismatchException if these are more than the digest names
     * @throws BlobStoreFullException if the disk is full
     * @throws IOException if they cannot be written
     */
    public void append(ByteBuffer bytes) throws IOException {
        if (ended) {
            throw new IOException("blob " + expected + " is closed");
        }
        long sizeBytes = writtenBytes + bytes.remaining();
        if (sizeBytes > expected.sizeBytes()) {
            throw new BlobMismatchException("at least " + sizeBytes + " bytes came for blob " + expected);
        }
        sha256.update(bytes.duplicate());
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw store.explained("write blob " + expected, e);
        }
        writtenBytes = sizeBytes;
    }

    /**
     * Checks the bytes and makes them the store's, at once and whole.
     *
     * @return whether somebody else has stored the same blob meanwhile
     * @throws BlobMismatchException if the bytes are not the ones the digest names
     * @throws IOException if they cannot be put in place
     */
    public boolean commit() throws IOException {
        if (ended) {
            throw new IOException("blob " + expected + " is closed");
        }
        BlobDigest actual = BlobDigest.of(sha256.digest(), writtenBytes);
        if (!actual.equals(expected)) {
            throw new BlobMismatchException("expected blob " + expected + " and got " + actual);
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw store.explained("write blob " + expected, e);
        }
        boolean alreadyThere = store.adopt(expected, temporary, fileName);
        ended = true;
        return alreadyThere;
    }

    /** Gives up, unless it has been committed. A file that cannot be removed is left to the store's next start, and logged. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            log.warn("file={} cannot be removed reason=\"{}\"", temporary, e.toString());
        } finally {
            store.releaseReservation(expected);
        }
    }
}
