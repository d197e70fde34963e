package io.farpool.blob;

import java.io.IOException;

/** Bytes are not the ones their digest names: too few, too many, or others. */
public final class BlobMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With the digest expected and what was found. */
    public BlobMismatchException(String message) {
        super(message);
    }
}
