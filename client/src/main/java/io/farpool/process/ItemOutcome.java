package io.farpool.process;

import io.farpool.codec.EncodedThrowable;
import io.farpool.codec.Envelope;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How one item of a chunk ended: with a value, or with a failure, which is encoded while it travels.
 *
 * @param value what it gave, if it did not fail
 * @param failure what it threw, in the JVM where it was thrown or has arrived
 * @param encoded what it threw, on its way
 */
@SuppressWarnings("serial") // Only Farpool's codec writes it, and that takes any value.
public record ItemOutcome<R>(@Nullable R value, @Nullable Throwable failure, @Nullable EncodedThrowable encoded)
        implements Serializable, Envelope {
    /** It gave this. */
    public static <R> ItemOutcome<R> of(@Nullable R value) {
        return new ItemOutcome<>(value, null, null);
    }

    /** It threw this. */
    public static <R> ItemOutcome<R> failed(Throwable failure) {
        return new ItemOutcome<>(null, failure, null);
    }
}
