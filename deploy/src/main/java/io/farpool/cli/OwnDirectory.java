package io.farpool.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A daemon's directory: the one it was told, or a temporary one that is removed at the end. Not for more than one thread. */
final class OwnDirectory implements AutoCloseable {
    private final Path path;
    private final boolean temporary;

    private OwnDirectory(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /**
     * Makes it if need be.
     *
     * @param option that names it, for the message when it cannot be used
     * @param told null: a temporary one
     */
    static OwnDirectory open(String option, @Nullable Path told, String temporaryPrefix)
            throws CommandFailedException, IOException {
        if (told == null) {
            return new OwnDirectory(Files.createTempDirectory(temporaryPrefix), true);
        }
        try {
            Path directory = Files.createDirectories(told).toRealPath();
            if (!Files.isWritable(directory)) {
                throw new IOException("not writable");
            }
            return new OwnDirectory(directory, false);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailedException(
                    option + " is '" + told + "' (" + e + "), expected a directory that may be made and written", e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (!temporary) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
