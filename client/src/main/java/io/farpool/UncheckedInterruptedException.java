package io.farpool;

/**
 * The thread was interrupted while it waited in a method that came from Python and throws nothing checked. The thread's
 * interrupt status is set when this is thrown.
 */
public class UncheckedInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Wraps it.
     *
     * @param cause what was caught
     */
    public UncheckedInterruptedException(InterruptedException cause) {
        super("interrupted while waiting", cause);
    }
}
