package io.farpool.codec;

/** A graph nests deeper than a caller's stack is trusted with. {@link Codec} starts again on a larger one. */
final class TooDeepException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooDeepException(int depth) {
        super("nested deeper than " + depth, null, false, false);
    }
}
