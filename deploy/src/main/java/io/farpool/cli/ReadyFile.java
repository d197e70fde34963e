package io.farpool.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that is there while a daemon is ready, so that a probe needs no JVM. For one thread. */
final class ReadyFile implements AutoCloseable {
    private final @Nullable Path file;

    /** {@code file}: null for none. One that a killed predecessor left is removed. */
    ReadyFile(@Nullable Path file) throws CommandFailedException {
        this.file = file;
        set(false);
    }

    void set(boolean ready) throws CommandFailedException {
        if (file == null) {
            return;
        }
        try {
            if (ready) {
                Files.writeString(file, "");
            } else {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new CommandFailedException(
                    "--ready-file is '" + file + "' (" + e + "), expected a file that may be made", e);
        }
    }

    @Override
    public void close() throws CommandFailedException {
        set(false);
    }
}
