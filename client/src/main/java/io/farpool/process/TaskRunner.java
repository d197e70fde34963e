package io.farpool.process;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.wire.Protocol;
import java.util.concurrent.Callable;

/** Runs one task: bytes to a callable, its call, and its result or exception to bytes again. For the task thread. */
final class TaskRunner {
    private final Codec codec;
    private final StartMarker marker;
    private final TaskThread thread;
    private final TaskContexts contexts;

    TaskRunner(Codec codec, StartMarker marker, TaskThread thread, TaskContexts contexts) {
        this.codec = codec;
        this.marker = marker;
        this.thread = thread;
        this.contexts = contexts;
    }

    ProcessOutcome run(RunInProcess run) {
        long ordinal = run.getOrdinal();
        ProcessOutcome.Builder outcome = ProcessOutcome.newBuilder().setOrdinal(ordinal);
        long startedNanos = System.nanoTime();
        marker.started(ordinal);
        thread.enter(ordinal);
        try {
            outcome.setResult(call(run));
        } catch (Throwable thrown) {
            // Whatever a task throws is its outcome: an Error too, and an interrupt.
            outcome.setFailure(Failures.encode(codec, thrown));
        } finally {
            thread.leave();
        }
        return outcome.setRunNanos(System.nanoTime() - startedNanos).build();
    }

    private Payload call(RunInProcess run) throws Exception {
        TaskContexts.InProcess context = contexts.enter(run);
        byte[] result;
        try {
            Callable<?> task =
                    (Callable<?>) codec.decode(run.getPayload().getInline().asReadOnlyByteBuffer());
            if (task == null) {
                throw new IllegalArgumentException("the payload of task " + run.getSequence() + " holds no callable");
            }
            Object value = task.call();
            result = value instanceof ChunkOutcomes<?> chunk ? chunk.encode(codec) : codec.encode(value);
        } finally {
            contexts.leave(context);
        }
        if (result.length > Protocol.MAX_INLINE_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("the result takes " + result.length
                    + " bytes serialized, expected at most " + Protocol.MAX_INLINE_PAYLOAD_BYTES);
        }
        return Payload.newBuilder()
                .setInline(UnsafeByteOperations.unsafeWrap(result))
                .build();
    }
}
