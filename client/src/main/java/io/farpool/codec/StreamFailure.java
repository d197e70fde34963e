package io.farpool.codec;

import java.io.IOException;

/** The stream that a value is written to, or read from, has failed; the value has not. {@link Codec} throws what it threw. */
final class StreamFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final IOException failure;

    StreamFailure(IOException failure) {
        super(failure);
        this.failure = failure;
    }

    IOException failure() {
        return failure;
    }
}
