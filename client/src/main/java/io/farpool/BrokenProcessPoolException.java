package io.farpool;

import org.jspecify.annotations.Nullable;

/** A {@link BrokenExecutorException} of a process pool: its initializer threw, for example, which is then the cause. */
public class BrokenProcessPoolException extends BrokenExecutorException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why the pool is broken.
     *
     * @param message why
     */
    public BrokenProcessPoolException(String message) {
        super(message);
    }

    /**
     * Says why the pool is broken.
     *
     * @param message why
     * @param cause what broke it, if there is one
     */
    public BrokenProcessPoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
