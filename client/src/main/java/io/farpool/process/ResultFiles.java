package io.farpool.process;

import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Prepare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files for this process's large results and exceptions, in the directory that the daemon has made for them. Once the daemon has
 * been told of one, it is the daemon's. Thread-safe.
 */
final class ResultFiles implements PayloadCodec.Place {
    private final String directory;
    private final AtomicLong made = new AtomicLong();

    ResultFiles(Prepare prepare) {
        this.directory = prepare.getPayloadDirectory();
    }

    @Override
    public Path newFile() throws IOException {
        if (directory.isEmpty()) {
            throw new IOException("the daemon has named no directory for it");
        }
        return Path.of(directory, "payload-" + made.incrementAndGet());
    }

    @Override
    public void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It goes with the directory.
        }
    }
}
