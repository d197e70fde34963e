package io.farpool.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that an option names, held to be one that can be used. */
final class UsableDirectory {
    private UsableDirectory() {}

    /** Makes it if need be. */
    static Path of(String option, Path told) throws CommandFailedException {
        try {
            Path directory = Files.createDirectories(told).toRealPath();
            if (!Files.isWritable(directory)) {
                throw new IOException("not writable");
            }
            return directory;
        } catch (IOException e) {
            throw new CommandFailedException(
                    option + " is '" + told + "' (" + e + "), expected a directory that may be made and written", e);
        }
    }
}
