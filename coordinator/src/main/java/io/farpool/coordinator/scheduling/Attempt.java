package io.farpool.coordinator.scheduling;

import org.jspecify.annotations.Nullable;

/** One try at running a task on one host. Known until its outcome is acknowledged, or nobody can want it any more. */
final class Attempt {
    final long id;
    final TaskState task;
    final Share share;
    final int startNumber;
    /** It is known to run. Most attempts end without this having been said. */
    boolean started;

    boolean recalled;
    /** Its outcome is the task's; it waits for the client's acknowledgement. */
    boolean finished;

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
