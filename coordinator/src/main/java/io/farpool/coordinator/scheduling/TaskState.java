package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A task the coordinator has: queued, assigned, or done and not yet acknowledged by its client. */
final class TaskState {
    final SessionState session;
    final long sequence;
    final int priority;
    final long payloadBytes;
    final int attemptsAfterHostLoss;
    final int attemptsAfterFailure;
    /** What goes to hosts. Null once the task is done, so that its bytes are not kept. */
    private @Nullable Task task;
    /** Starts so far, over every cause. */
    int starts;

    boolean cancelRequested;
    boolean cancelEvenIfRunning;
    /** The attempt that may still end it; null while queued and when done. */
    @Nullable
    Attempt attempt;

    // Where it is in the queue: TaskQueue's.
    TaskQueue.@Nullable Lane lane;

    @Nullable
    TaskState previous;

    @Nullable
    TaskState next;

    TaskState(SessionState session, Task submitted, SchedulerSettings settings) {
        this.session = session;
        sequence = submitted.getSequence();
        priority = submitted.getPriority();
        payloadBytes = payloadBytes(submitted);
        starts = submitted.getAttemptsUsed();
        attemptsAfterHostLoss = orDefault(submitted.getAttemptsAfterHostLoss(), settings.attemptsAfterHostLoss());
        attemptsAfterFailure = orDefault(submitted.getAttemptsAfterFailure(), settings.attemptsAfterFailure());
        task = forHosts(submitted);
    }

    static long payloadBytes(Task task) {
        Payload payload = task.getPayload();
        return payload.hasReference()
                ? payload.getReference().getSizeBytes()
                : payload.getInline().size();
    }

    private static int orDefault(int said, int otherwise) {
        return said == 0 ? otherwise : said;
    }

    /** Without what only the coordinator needs; the very same message when there is nothing to leave out. */
    private static Task forHosts(Task submitted) {
        if (submitted.getPriority() == 0
                && submitted.getAttemptsAfterHostLoss() == 0
                && submitted.getAttemptsAfterFailure() == 0
                && submitted.getAttemptsUsed() == 0
                && !submitted.hasRequirements()) {
            return submitted;
        }
        return submitted.toBuilder()
                .clearPriority()
                .clearAttemptsAfterHostLoss()
                .clearAttemptsAfterFailure()
                .clearAttemptsUsed()
                .clearRequirements()
                .build();
    }

    Task task() {
        return Objects.requireNonNull(task, "a task that is done has no bytes");
    }

    boolean done() {
        return task == null;
    }

    void finish() {
        task = null;
        attempt = null;
    }
}
