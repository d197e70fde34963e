package io.farpool.codec;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Stands, inside the embedded Java serialization of one object, for another object that Kryo writes. */
final class Outside implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The embedded object: already in the stream, so this is a back-reference, and a way to it while it is still being read. */
    final @Nullable Object owner;

    final int index;

    Outside(@Nullable Object owner, int index) {
        this.owner = owner;
        this.index = index;
    }
}
