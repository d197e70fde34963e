package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Task;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task the coordinator knows: until its client has acknowledged its completion.
 *
 * <pre>
 *                                                         ┌▶ offered ──┐
 *                                                         │  (result is │
 *                                                         │  at a host) ▼
 *   submitted ────────────────▶ queued ─────────────▶ assigned ─────────▶ done
 *                               ▲ │ ▲ ◀──returned──── │  ▲  │              ▲
 *                   bytes come  │ │ │    or retried   │  │  │              │
 *                               │ ▼ │                 │  │  │              │
 *                               │ parked              │  │  │              │
 *   not needed in recovery      │ (no streams to      │  │  │              │
 *                               │  ask for a grant)   │  │  │              │
 *   named pending ──▶ wanted ───┘                     │  │  │              │
 *        │              ▲  ▲ ◀──── the same, without bytes  │              │
 *        ▼              │  └─────────────── adopted ─────┘  │              │
 *    unclaimed ─────────┴──────────────── adopted ──────────┘              │
 *        └──────────────── granted before, and nobody can tell ────────────┘
 * </pre>
 * Unclaimed ones, wanted ones and those adopted have no bytes here, and count in no credit, until the client has sent
 * them (again). Every state but assigned ends in done when it is cancelled. One whose offered outcome is lost with its host
 * goes the way of one whose attempt is lost.
 */
final class TaskState {

    /** What a reference counts for in a session's credit. */
    static final long REFERENCE_BYTES = 64;

    /** Where a task is. */
    enum State {
        /** Pending at the client, and a host may still say that it has it. */
        UNCLAIMED,
        /** The client was, or is about to be, asked for its bytes. */
        WANTED,
        /** Waits for a slot. */
        QUEUED,
        /** Needs the client's grant, and the client has no streams. */
        PARKED,
        /** Has an attempt. */
        ASSIGNED,
        /** Its attempt has ended, and the client is to take the outcome's payload from the host. */
        OFFERED,
        /** Has ended. */
        DONE
    }

    final SessionState session;
    final long sequence;
    State state;
    int priority;
    /** What it counts for in the session's credit: what of it is kept here. */
    long creditBytes;
    /** What goes to its host, on whatever way, before it can start there. */
    long transferBytes;

    int attemptsAfterHostLoss;
    int attemptsAfterFailure;
    /** What goes to hosts. Null while the client alone has it, and once the task is done. */
    private @Nullable Task task;
    /** Starts so far, over every cause. */
    int starts;
    /** It is in the session's credit: submitted here. */
    boolean counted;
    /** Its bytes were asked for and have not come. */
    boolean asked;
    /** The client was told so, and is not to be told twice: SessionState's. */
    boolean onItsWay;
    /** As the client told it: from another epoch, or an earlier life of the session here. */
    final @Nullable Grant grant;

    boolean cancelRequested;
    boolean cancelEvenIfRunning;
    /** The attempt that may still end it; null unless assigned or offered. */
    @Nullable
    Attempt attempt;

    // Where it is in the queue: TaskQueue's.
    TaskQueue.@Nullable Lane lane;

    @Nullable
    TaskState previous;

    @Nullable
    TaskState next;

    /** One that was submitted. */
    TaskState(SessionState session, Task submitted, SchedulerSettings settings) {
        this.session = session;
        sequence = submitted.getSequence();
        state = State.QUEUED;
        grant = null;
        fill(submitted, settings);
    }

    /** One that is pending at the client, which need not have said more of it than its number. */
    TaskState(SessionState session, long sequence, PendingTask pending, SchedulerSettings settings) {
        this.session = session;
        this.sequence = sequence;
        state = State.UNCLAIMED;
        priority = pending.getPriority();
        starts = pending.getAttemptsUsed();
        attemptsAfterHostLoss = orDefault(pending.getAttemptsAfterHostLoss(), settings.attemptsAfterHostLoss());
        attemptsAfterFailure = orDefault(pending.getAttemptsAfterFailure(), settings.attemptsAfterFailure());
        grant = pending.hasGrant() ? pending.getGrant() : null;
    }

    /** Its bytes have come. */
    void fill(Task submitted, SchedulerSettings settings) {
        priority = submitted.getPriority();
        creditBytes = creditBytes(submitted);
        transferBytes = transferBytes(submitted);
        starts = Math.max(starts, submitted.getAttemptsUsed());
        attemptsAfterHostLoss = orDefault(submitted.getAttemptsAfterHostLoss(), settings.attemptsAfterHostLoss());
        attemptsAfterFailure = orDefault(submitted.getAttemptsAfterFailure(), settings.attemptsAfterFailure());
        task = forHosts(submitted);
        asked = false;
    }

    /** See Credit in pool.proto. */
    static long creditBytes(Task task) {
        Payload payload = task.getPayload();
        return payload.hasReference() ? REFERENCE_BYTES : payload.getInline().size();
    }

    private static long transferBytes(Task task) {
        Payload payload = task.getPayload();
        return isFetched(payload) ? payload.getReference().getSizeBytes() : creditBytes(task);
    }

    private static boolean isFetched(Payload payload) {
        return payload.hasReference() && payload.getReference().getPath().isEmpty();
    }

    /** Its host has to fetch its payload before it can start. */
    boolean isFetched() {
        return task != null && isFetched(task.getPayload());
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
        return Objects.requireNonNull(task, "a task that is done, or has not come, has no bytes");
    }

    boolean hasBytes() {
        return task != null;
    }

    boolean done() {
        return state == State.DONE;
    }

    /** Its next start would be the last permitted one: after it, a lost host is the end of the task. */
    boolean needsGrant() {
        return starts + 1 >= attemptsAfterHostLoss;
    }

    void finish() {
        state = State.DONE;
        task = null;
        attempt = null;
    }
}
