package io.farpool.process;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Payload;
import java.io.PrintWriter;
import java.io.StringWriter;

/** An exception to the message that carries it: the object itself where it can be serialized, and always its text. */
final class Failures {
    /** A stack trace is cut past this; a recursion's can be endless. */
    private static final int MAX_TEXT_CHARS = 64 << 10;

    private Failures() {}

    static Failure encode(Codec codec, Throwable thrown) {
        boolean retryable = false;
        Throwable exception = thrown;
        if (thrown instanceof Retryable.Marked marked) {
            retryable = true;
            exception = marked.thrown();
        }
        Failure.Builder failure = Failure.newBuilder()
                .setClassName(exception.getClass().getName())
                .setMessage(cut(messageOf(exception)))
                .setStackTrace(cut(stackTraceOf(exception)))
                .setRetryable(retryable);
        byte[] encoded = codec.encodeThrowable(exception);
        return failure.setException(Payload.newBuilder().setInline(UnsafeByteOperations.unsafeWrap(encoded)))
                .build();
    }

    private static String messageOf(Throwable exception) {
        try {
            String message = exception.getMessage();
            return message == null ? "" : message;
        } catch (Throwable broken) {
            return "(its getMessage threw " + broken.getClass().getName() + ")";
        }
    }

    private static String stackTraceOf(Throwable exception) {
        try {
            StringWriter text = new StringWriter();
            exception.printStackTrace(new PrintWriter(text));
            return text.toString();
        } catch (Throwable broken) {
            return exception.getClass().getName() + " (its printStackTrace threw " + broken.getClass().getName() + ")";
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS) + "…";
    }
}
