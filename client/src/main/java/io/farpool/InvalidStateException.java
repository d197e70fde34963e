package io.farpool;

/**
 * An operation does not fit the state a {@link PoolFuture} is in: giving a result to one that is done, say. Python's {@code
 * InvalidStateError}.
 */
public class InvalidStateException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what did not fit.
     *
     * @param message the operation, and the state the future was in
     */
    public InvalidStateException(String message) {
        super(message);
    }
}
