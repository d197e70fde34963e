package io.farpool;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The executor can run no tasks any more. Its pending futures have failed with this, and submitting throws it.
 *
 * <p>It is a {@link RejectedExecutionException}, so that code written for any {@code ExecutorService} catches it.
 */
public class BrokenExecutorException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why the executor is broken.
     *
     * @param message why
     */
    public BrokenExecutorException(String message) {
        super(message);
    }

    /**
     * Says why the executor is broken.
     *
     * @param message why
     * @param cause what broke it, if there is one
     */
    public BrokenExecutorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
