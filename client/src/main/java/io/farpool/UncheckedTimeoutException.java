package io.farpool;

import java.util.concurrent.TimeoutException;

/**
 * What an iterator throws when its time is up: that of {@link Results} and of {@link Futures#asCompleted(java.util.Collection,
 * java.time.Duration)}. Its cause is the {@link TimeoutException}, which an iterator cannot throw.
 */
public class UncheckedTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Wraps it.
     *
     * @param cause what to throw; its message is taken over
     */
    public UncheckedTimeoutException(TimeoutException cause) {
        super(cause.getMessage(), cause);
    }
}
