package io.farpool.session;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.TaskOptions;
import io.farpool.codec.Codec;
import io.farpool.process.Retryable;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import io.farpool.snippet.MemoryTask;
import io.farpool.wire.Protocol;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A callable and its options as the task that travels, and back. Thread-safe; it works in the caller's thread. */
final class TaskEncoder {
    private final Codec codec;

    TaskEncoder(Codec codec) {
        this.codec = codec;
    }

    /**
     * Serializes a callable. The task has no sequence number yet.
     *
     * @throws io.farpool.NotSerializableTaskException when that cannot be done
     * @throws IllegalArgumentException when it is too large
     */
    Task encode(Callable<?> callable, TaskOptions options) {
        Callable<?> shipped =
                options.retryOn().isEmpty() ? callable : new Retryable<>(callable, List.copyOf(options.retryOn()));
        byte[] payload = MemoryTask.encode(codec, shipped);
        if (payload.length > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("the task takes " + payload.length
                    + " bytes serialized with its arguments, expected at most " + Protocol.MAX_INLINE_PAYLOAD_BYTES);
        }
        Task.Builder task = Task.newBuilder()
                .setPayload(Payload.newBuilder().setInline(UnsafeByteOperations.unsafeWrap(payload)))
                .setPriority(options.priority())
                .setAttemptsAfterHostLoss(options.attemptsAfterHostLoss())
                .setAttemptsAfterFailure(options.attemptsAfterFailure());
        options.timeout().ifPresent(timeout -> task.setTimeoutMillis(Math.max(1, timeout.toMillis())));
        options.name().ifPresent(task::setName);
        return task.build();
    }

    /** What was encoded, to be run here by whoever likes; null when the task has been done meanwhile. */
    Runnable decode(@Nullable Payload payload) {
        return () -> {
            if (payload == null) {
                throw new IllegalStateException("the task was done before it could be taken back");
            }
            try {
                Callable<?> task =
                        (Callable<?>) codec.decode(payload.getInline().asReadOnlyByteBuffer());
                if (task instanceof MemoryTask<?> carrying) {
                    task = carrying.callable(codec);
                }
                if (task == null) {
                    throw new IllegalStateException("the payload holds no callable");
                }
                Object ignored = task.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        };
    }
}
