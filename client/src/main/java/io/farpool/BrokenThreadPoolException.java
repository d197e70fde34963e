package io.farpool;

import org.jspecify.annotations.Nullable;

/** A {@link BrokenExecutorException} of a thread pool: its initializer threw, for example, which is then the cause. */
public class BrokenThreadPoolException extends BrokenExecutorException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why the pool is broken.
     *
     * @param message why
     */
    public BrokenThreadPoolException(String message) {
        super(message);
    }

    /**
     * Says why the pool is broken.
     *
     * @param message why
     * @param cause what broke it, if there is one
     */
    public BrokenThreadPoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
