package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptName;
import org.jspecify.annotations.Nullable;

/** One try at running a task on one host. Known until its outcome is acknowledged, or nobody can want it any more. */
final class Attempt {
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
    /** What it was called before it was adopted from another epoch; null for one that was assigned here. */
    @Nullable
    AttemptName formerName;

    // Where it is among what the host has of the session, oldest first: Share's.
    @Nullable
    Attempt older;

    @Nullable
    Attempt newer;

    Attempt(long id, TaskState task, Share share, int startNumber) {
        this.id = id;
        this.task = task;
        this.share = share;
        this.startNumber = startNumber;
    }

    boolean mayBeRecalled() {
        return !started && !recalled && !task.cancelRequested;
    }
}
