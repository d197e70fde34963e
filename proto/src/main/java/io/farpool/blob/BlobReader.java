package io.farpool.blob;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way out of a {@link BlobStore}. It can be read to its end even if the store evicts it meanwhile. What is
 * read is digested: a file that turns out to be damaged is discarded by the store, and the last read fails. So is one that the
 * disk does not give (an input/output error): another copy may be had, and would lie elsewhere.
 *
 * <p>For one thread at a time. Always close it.
 */
public final class BlobReader implements Closeable {
    private final BlobStore store;
    private final BlobDigest digest;
    private final FileChannel channel;
    private final MessageDigest sha256 = BlobDigest.sha256();
    private long readBytes;

    BlobReader(BlobStore store, BlobDigest digest, FileChannel channel) {
        this.store = store;
        this.digest = digest;
        this.channel = channel;
    }

    /**
     * Reads on.
     *
     * @param mostBytes how many at most
     * @return the next bytes, in an array of its own; null when the whole blob has been read and is what it should be
     * @throws BlobMismatchException if the file is not what its name says, or cannot be read; the store does not have it any more
     * @throws IOException if it has been closed
     */
    public byte @Nullable [] next(int mostBytes) throws IOException {
        int length = (int) Math.min(mostBytes, digest.sizeBytes() - readBytes);
        byte[] bytes = new byte[length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (read(buffer) < 0) {
                throw damaged("it ends after " + (readBytes + buffer.position()) + " bytes");
            }
        }
        readBytes += length;
        sha256.update(bytes);
        // The check comes before the last piece is handed out, not after: nobody is given a whole blob that is damaged.
        if (length > 0 && readBytes == digest.sizeBytes()) {
            check();
        }
        return length == 0 ? null : bytes;
    }

    private int read(ByteBuffer buffer) throws IOException {
        try {
            return channel.read(buffer);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw damaged("it cannot be read: " + e.getMessage());
        }
    }

    /** Ends the reading, at its end or before. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void check() throws BlobMismatchException {
        BlobDigest actual = BlobDigest.of(sha256.digest(), readBytes);
        if (!actual.equals(digest)) {
            throw damaged("it holds " + actual);
        }
    }

    private BlobMismatchException damaged(String how) {
        store.discard(digest, how);
        return new BlobMismatchException("blob " + digest + " was damaged on disk and has been discarded: " + how);
    }
}
