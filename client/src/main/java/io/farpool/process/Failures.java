package io.farpool.process;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.codec.Codec;
import io.farpool.codec.EncodedThrowable;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Payload;

/** An exception to the message that carries it: the object itself where it can be serialized, and always its text. */
final class Failures {
    private Failures() {}

    static Failure encode(Codec codec, Throwable thrown) {
        boolean retryable = false;
        Throwable exception = thrown;
        if (thrown instanceof Retryable.Marked marked) {
            retryable = true;
            exception = marked.thrown();
        }
        EncodedThrowable encoded = codec.encodeThrowable(exception);
        Failure.Builder failure = Failure.newBuilder()
                .setClassName(encoded.className())
                .setMessage(encoded.message() == null ? "" : encoded.message())
                .setStackTrace(encoded.stackTrace())
                .setRetryable(retryable);
        if (encoded.bytes() != null) {
            failure.setException(Payload.newBuilder().setInline(UnsafeByteOperations.unsafeWrap(encoded.bytes())));
        }
        return failure.build();
    }
}
