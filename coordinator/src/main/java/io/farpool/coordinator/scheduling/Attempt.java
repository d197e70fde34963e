package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import org.jspecify.annotations.Nullable;

/** One try at running a task on one host. Known until its outcome is acknowledged, or nobody can want it any more. */
final class Attempt {
    static final long UNKNOWN = -1;

    final long id;
    final TaskState task;
    final Share share;
    final int startNumber;
    /** The host has been, or may be, told to run it: false while the client's grant is waited for. */
    boolean granted = true;
    /** It is known to run. Most attempts end without this having been said. */
    boolean started;

    boolean recalled;
    /** Its outcome is the task's; it waits for the client's acknowledgement. */
    boolean finished;
    /** Its outcome, while that waits for the client to take its payload; else null. */
    @Nullable
    Outcome offer;
    /** What it was called before it was adopted from another epoch; null for one that was assigned here. */
    @Nullable
    AttemptName formerName;

    /** When it was given to its host here; {@link #UNKNOWN} for one that was adopted. */
    private final long assignedMillis;

    // Where it is among what the host has of the session, oldest first: Share's.
    @Nullable
    Attempt older;

    @Nullable
    Attempt newer;

    Attempt(long id, TaskState task, Share share, int startNumber, long assignedMillis) {
        this.id = id;
        this.task = task;
        this.share = share;
        this.startNumber = startNumber;
        this.assignedMillis = assignedMillis;
    }

    /** The place, and how long ago it was given to it. */
    Place sinceAssigned(Place place, long nowMillis) {
        return assignedMillis == UNKNOWN
                ? place
                : place.toBuilder()
                        .setAssignedMillisAgo((int) Math.min(nowMillis - assignedMillis, Integer.MAX_VALUE))
                        .build();
    }

    /** Its outcome is known: it has no slot any more. */
    boolean ended() {
        return finished || offer != null;
    }

    boolean mayBeRecalled() {
        return !started && !recalled && !task.cancelRequested;
    }
}
