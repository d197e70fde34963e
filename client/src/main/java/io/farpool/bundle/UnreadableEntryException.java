package io.farpool.bundle;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** An entry of the class path cannot be read, so it cannot be shipped. The message names it and says why. */
public final class UnreadableEntryException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableEntryException(Path entry, IOException cause) {
        super("the class path's entry " + entry + " cannot be read: " + reason(cause), cause);
    }

    UnreadableEntryException(Path entry, String reason) {
        super("the class path's entry " + entry + " cannot be shipped: " + reason);
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied: " + cause.getMessage();
        }
        if (cause instanceof NoSuchFileException) {
            return "no such file: " + cause.getMessage();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
