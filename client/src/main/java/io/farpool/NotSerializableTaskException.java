package io.farpool;

import org.jspecify.annotations.Nullable;

/**
 * A task, its arguments or its result cannot be turned into bytes, or bytes cannot be turned back. The message names the
 * offending class and how it was reached. It fails that task's future alone.
 */
public class NotSerializableTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what cannot be serialized.
     *
     * @param message the class, the path of fields to it, and what to do
     * @param cause what the serializer threw, if it did
     */
    public NotSerializableTaskException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
