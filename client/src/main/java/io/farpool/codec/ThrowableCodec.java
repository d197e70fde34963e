package io.farpool.codec;

import io.farpool.RemoteTaskException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Exceptions to bytes and back, come what may. Thread-safe. */
final class ThrowableCodec {
    private static final int MAX_DESCRIPTION_CHARS = 1 << 18;

    private final Codec codec;

    ThrowableCodec(Codec codec) {
        this.codec = codec;
    }

    EncodedThrowable encode(Throwable throwable) {
        byte @Nullable [] bytes;
        try {
            bytes = codec.encode(throwable);
        } catch (Throwable e) {
            // Said by the stand-in; the exception of the task is what matters.
            bytes = null;
        }
        return describe(throwable, bytes);
    }

    EncodedThrowable describe(Throwable throwable, byte @Nullable [] bytes) {
        return new EncodedThrowable(bytes, throwable.getClass().getName(), message(throwable), stackTrace(throwable));
    }

    Throwable decode(EncodedThrowable encoded) {
        byte[] bytes = encoded.bytes();
        return bytes == null ? standIn(encoded, null) : decode(encoded, () -> codec.decode(bytes));
    }

    Throwable decode(EncodedThrowable description, Callable<@Nullable Object> value) {
        try {
            return value.call() instanceof Throwable throwable ? throwable : standIn(description, null);
        } catch (Throwable e) {
            return standIn(description, e);
        }
    }

    private static RemoteTaskException standIn(EncodedThrowable encoded, @Nullable Throwable why) {
        RemoteTaskException standIn =
                new RemoteTaskException(encoded.className(), encoded.message(), encoded.stackTrace());
        if (why != null) {
            standIn.addSuppressed(why);
        }
        return standIn;
    }

    /** Exceptions of users may throw when they are asked. */
    private static @Nullable String message(Throwable throwable) {
        try {
            String message = throwable.getMessage();
            return message == null ? null : cut(message);
        } catch (Throwable e) {
            return "(its getMessage threw " + e.getClass().getName() + ")";
        }
    }

    private static String stackTrace(Throwable throwable) {
        StringWriter text = new StringWriter();
        try {
            throwable.printStackTrace(new PrintWriter(text));
        } catch (Throwable e) {
            text.append("(printing it threw ").append(e.getClass().getName()).append(")\n");
        }
        return cut(text.toString());
    }

    private static String cut(String text) {
        return text.length() <= MAX_DESCRIPTION_CHARS ? text : text.substring(0, MAX_DESCRIPTION_CHARS) + "…";
    }
}
