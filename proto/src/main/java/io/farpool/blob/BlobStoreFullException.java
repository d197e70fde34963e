package io.farpool.blob;

import java.io.IOException;

/** There is no room for a blob: what may not be removed fills the store, or its disk is full. The message says which. */
public final class BlobStoreFullException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /**
     * With what was needed and what there is.
     *
     * @param passing it is filled by what nobody has pinned, but was told is here: there is room in {@link BlobStore#KEEP}
     */
    public BlobStoreFullException(String message, boolean passing) {
        super(message);
        this.passing = passing;
    }

    /** As above, with what the disk said. */
    public BlobStoreFullException(String message, IOException cause) {
        super(message, cause);
        this.passing = false;
    }

    /** Whether there will be room soon, so that another try is worth it. */
    public boolean isPassing() {
        return passing;
    }
}
