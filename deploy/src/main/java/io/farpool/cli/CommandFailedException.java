package io.farpool.cli;

/** A command could not do what it was asked. Its message is one sentence with the value and what was expected. */
final class CommandFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    CommandFailedException(String message) {
        super(message);
    }

    CommandFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
