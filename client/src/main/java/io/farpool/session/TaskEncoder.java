package io.farpool.session;

import io.farpool.TaskOptions;
import io.farpool.codec.PayloadCodec;
import io.farpool.process.Retryable;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import io.farpool.snippet.MemoryTask;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A callable and its options as the task that travels, and back. Thread-safe; it works in the caller's thread. */
final class TaskEncoder {
    /** What a large payload counts for the credit: its bytes stay here. The coordinator counts the same. */
    private static final int REFERENCE_BYTES = 64;

    private final PayloadCodec payloads;

    TaskEncoder(PayloadCodec payloads) {
        this.payloads = payloads;
    }

    /** What a task's payload counts for the credit. */
    static int creditBytes(Payload payload) {
        return payload.hasReference() ? REFERENCE_BYTES : payload.getInline().size();
    }

    /**
     * Serializes a callable. The task has no sequence number yet. If it is large its reference names its file, which is the
     * caller's.
     *
     * @throws io.farpool.NotSerializableTaskException when that cannot be done
     * @throws java.io.UncheckedIOException when it is large and its file cannot be written
     */
    Task encode(Callable<?> callable, TaskOptions options) {
        Callable<?> shipped =
                options.retryOn().isEmpty() ? callable : new Retryable<>(callable, List.copyOf(options.retryOn()));

        Task.Builder task = Task.newBuilder()
                .setPayload(MemoryTask.encode(payloads, shipped, "the task"))
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
                Callable<?> task = (Callable<?>) payloads.decode(payload);
                if (task instanceof MemoryTask<?> carrying) {
                    task = carrying.callable(payloads.codec());
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
