package io.farpool.codec;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An exception on its way: its bytes, and its description for when they cannot be had or read.
 *
 * @param bytes the serialized exception; null if it could not be serialized. Not copied
 * @param className the name of its class
 * @param message its message; null if it had none
 * @param stackTrace its stack trace as printed, causes included, cut off when very long
 */
@SuppressWarnings("ArrayRecordComponent") // On its way between two threads; nobody compares it.
public record EncodedThrowable(byte @Nullable [] bytes, String className, @Nullable String message, String stackTrace) {
    /** Checks that the description is there. */
    public EncodedThrowable {
        Objects.requireNonNull(className, "className");
        Objects.requireNonNull(stackTrace, "stackTrace");
    }
}
