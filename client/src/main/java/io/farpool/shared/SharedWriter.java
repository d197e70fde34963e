package io.farpool.shared;

import io.farpool.blob.BlobDigest;
import io.farpool.codec.Codec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A shared value on its way into its file, digested as it comes, so that it is read by nobody to be named. Not buffered: give it
 * pieces, not bytes.
 *
 * <p>For one thread at a time. Always close it; what becomes of the file is its owner's business.
 */
final class SharedWriter extends OutputStream implements Codec.Overflow {
    private final Path path;
    private final MessageDigest sha256 = BlobDigest.sha256();
    private long writtenBytes;
    private @Nullable OutputStream file;

    /** @param path where the value goes; what is there is overwritten */
    SharedWriter(Path path) {
        this.path = path;
    }

    /** Begins, or begins anew: what has been written before is void. */
    @Override
    public OutputStream begin() throws IOException {
        close();
        sha256.reset();
        writtenBytes = 0;
        file = Files.newOutputStream(path);
        return this;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (file == null) {
            throw new IOException("it has not been begun, or is closed");
        }
        file.write(bytes, offset, length);
        sha256.update(bytes, offset, length);
        writtenBytes += length;
    }

    /** The value is complete: gives its name. */
    BlobDigest finish() throws IOException {
        close();
        return BlobDigest.of(sha256.digest(), writtenBytes);
    }

    @Override
    public void close() throws IOException {
        OutputStream open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
