package io.farpool.process;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.codec.Codec;
import io.farpool.codec.EncodedThrowable;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Payload;
import io.farpool.wire.Protocol;
import org.jspecify.annotations.Nullable;

/** An exception to the message that carries it: the object itself where it can be serialized, and always its text. */
final class Failures {
    private Failures() {}

    /** What a task threw. */
    static Failure encode(PayloadCodec payloads, Throwable thrown) {
        boolean retryable = false;
        Throwable exception = thrown;
        if (thrown instanceof Retryable.Marked marked) {
            retryable = true;
            exception = marked.thrown();
        }
        Failure.Builder failure =
                described(payloads.codec().describeThrowable(exception)).setRetryable(retryable);
        Payload payload = payload(payloads, exception);
        if (payload != null) {
            failure.setException(payload);
        }
        return failure.build();
    }

    private static @Nullable Payload payload(PayloadCodec payloads, Throwable exception) {
        try {
            return payloads.encode(exception, "the exception");
        } catch (Throwable e) {
            return null; // its description goes, and that it was thrown is what matters
        }
    }

    /** What an initializer threw, or why this process cannot do its work. Never in a file. */
    static Failure encodeInline(Codec codec, Throwable thrown) {
        EncodedThrowable encoded = codec.encodeThrowable(thrown);
        Failure.Builder failure = described(encoded);
        if (encoded.bytes() != null && encoded.bytes().length <= Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            failure.setException(Payload.newBuilder().setInline(UnsafeByteOperations.unsafeWrap(encoded.bytes())));
        }
        return failure.build();
    }

    private static Failure.Builder described(EncodedThrowable encoded) {
        return Failure.newBuilder()
                .setClassName(encoded.className())
                .setMessage(encoded.message() == null ? "" : encoded.message())
                .setStackTrace(encoded.stackTrace());
    }
}
