package io.farpool;

import org.jspecify.annotations.Nullable;

/**
 * Stands in for an exception that a task threw and that could not be brought here as itself: it could not be serialized, or
 * its class is not known to this JVM.
 *
 * <p>Its cause prints as the stack trace that was taken where the task ran.
 */
public class RemoteTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name of the exception's class. */
    private final String className;

    /** The exception's own message. */
    private final @Nullable String remoteMessage;

    /** The stack trace, printed. */
    private final String remoteStackTrace;

    /**
     * Describes the exception.
     *
     * @param className the name of its class
     * @param message its message; may be null
     * @param stackTrace its stack trace, printed
     */
    public RemoteTaskException(String className, @Nullable String message, String stackTrace) {
        super(message == null ? className : className + ": " + message, new RemoteStackTrace(stackTrace));
        this.className = className;
        this.remoteMessage = message;
        this.remoteStackTrace = stackTrace;
    }

    /**
     * What the task threw.
     *
     * @return the name of the exception's class
     */
    public String className() {
        return className;
    }

    /**
     * What it said.
     *
     * @return the exception's own message, or null if it had none
     */
    public @Nullable String remoteMessage() {
        return remoteMessage;
    }

    /**
     * Where it was thrown.
     *
     * @return the exception's stack trace as printed where the task ran
     */
    public String remoteStackTrace() {
        return remoteStackTrace;
    }

    /** Carries a printed stack trace to where this exception's own is printed. */
    private static final class RemoteStackTrace extends Exception {
        private static final long serialVersionUID = 1L;

        RemoteStackTrace(String stackTrace) {
            super("as printed in the worker process:\n" + stackTrace, null, false, false);
        }
    }
}
