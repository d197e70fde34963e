package io.farpool.worker.link;

/** The coordinator has refused this host for good, or could not be reached in time. The message is one line for the operator. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message for the operator. */
    public RefusedException(String message) {
        super(message);
    }
}
