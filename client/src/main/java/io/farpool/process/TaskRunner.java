package io.farpool.process;

import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.wire.ProcessNotes;
import java.util.concurrent.Callable;

/**
 * Runs one task: a payload to a callable, its call, and its result or exception to a payload again. For the task thread.
 */
final class TaskRunner {
    private final PayloadCodec payloads;
    private final ProcessNotes notes;
    private final TaskThread thread;
    private final TaskContexts contexts;

    TaskRunner(PayloadCodec payloads, ProcessNotes notes, TaskThread thread, TaskContexts contexts) {
        this.payloads = payloads;
        this.notes = notes;
        this.thread = thread;
        this.contexts = contexts;
    }

    ProcessOutcome run(RunInProcess run) {
        long ordinal = run.getOrdinal();
        ProcessOutcome.Builder outcome = ProcessOutcome.newBuilder().setOrdinal(ordinal);
        long startedNanos = System.nanoTime();
        notes.started(ordinal);
        TaskContexts.InProcess context = contexts.enter(run);
        thread.enter(ordinal);
        try {
            outcome.setResult(call(run));
        } catch (Throwable thrown) {
            // Whatever a task throws is its outcome: an Error too, and an interrupt.
            outcome.setFailure(Failures.encode(payloads, thrown));
        } finally {
            thread.leave();
            contexts.leave(context);
        }
        return outcome.setRunNanos(System.nanoTime() - startedNanos).build();
    }

    private Payload call(RunInProcess run) throws Exception {
        Callable<?> task = (Callable<?>) payloads.decode(run.getPayload());
        if (task == null) {
            throw new IllegalArgumentException("the payload of task " + run.getSequence() + " holds no callable");
        }
        Object value = task.call();
        return value instanceof ChunkOutcomes<?> chunk ? chunk.encode(payloads) : payloads.encode(value, "the result");
    }
}
