package io.farpool.blob;

import java.io.IOException;

/** A store that cannot be used for the moment, whatever its disk is like: it is closed, or too many files are open. */
public final class BlobStoreUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With what it was to do. */
    public BlobStoreUnavailableException(String message) {
        super(message);
    }

    /** As above, with what the system said. */
    public BlobStoreUnavailableException(String message, IOException cause) {
        super(message, cause);
    }
}
