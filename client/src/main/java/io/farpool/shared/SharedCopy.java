package io.farpool.shared;

import io.farpool.Shared;
import io.farpool.blob.BlobDigest;
import org.jspecify.annotations.Nullable;

/**
 * A shared value where it was not shared: in a worker process that process's copy, which all tasks there see, and anywhere
 * else none.
 *
 * @param <T> the type of the value
 */
final class SharedCopy<T> implements Shared<T> {
    private static final long serialVersionUID = 1L;

    private final transient BlobDigest digest;
    private final transient SharedCopies.@Nullable Copy copy;

    SharedCopy(BlobDigest digest, SharedCopies.@Nullable Copy copy) {
        this.digest = digest;
        this.copy = copy;
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // what was shared was a T, perhaps null
    public T get() {
        if (copy == null) {
            throw new IllegalStateException(
                    "this shared value is not here: a shared value can be had in the program that has shared it, until it"
                            + " is closed or its pool has ended, and in tasks");
        }
        return (T) copy.get();
    }

    /** Does nothing: it is the program's that has shared it. */
    @Override
    public void close() {}

    private Object writeReplace() {
        return SharedReference.to(digest);
    }
}
