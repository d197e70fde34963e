package io.farpool.codec;

import org.jspecify.annotations.Nullable;

/** A value inside a graph cannot be serialized. {@link Codec} adds the path to it and tells the user. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Object value;

    RefusedException(Object value, String why, @Nullable Throwable cause) {
        super(why, cause, false, false);
        this.value = value;
    }

    /** The very object, by which its path is found. */
    Object value() {
        return value;
    }
}
