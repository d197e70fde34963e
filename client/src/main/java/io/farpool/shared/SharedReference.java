package io.farpool.shared;

import io.farpool.Shared;
import io.farpool.blob.BlobDigest;
import java.io.Serializable;

/**
 * What travels in place of a shared value, whichever way: its digest. Read in a worker process it becomes that process's copy,
 * and in the program that has shared the value the original.
 *
 * @param sha256 in hexadecimal digits
 * @param sizeBytes of the value, serialized
 */
record SharedReference(String sha256, long sizeBytes) implements Serializable {
    private static final long serialVersionUID = 1L;

    static SharedReference to(BlobDigest digest) {
        return new SharedReference(digest.hex(), digest.sizeBytes());
    }

    private Object readResolve() {
        BlobDigest digest = new BlobDigest(sha256, sizeBytes);
        SharedCopies copies = SharedCopies.here();
        if (copies != null) {
            return new SharedCopy<>(digest, copies.of(digest));
        }
        Shared<?> original = SharedOriginal.find(digest);
        return original != null ? original : new SharedCopy<>(digest, null);
    }
}
