package io.farpool.blob;

import java.io.IOException;

/** There is no room for a blob: what may not be removed fills the store, or its disk is full. The message says which. */
public final class BlobStoreFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With what was needed and what there is. */
    public BlobStoreFullException(String message) {
        super(message);
    }

    /** As above, with what the disk said. */
    public BlobStoreFullException(String message, IOException cause) {
        super(message, cause);
    }
}
