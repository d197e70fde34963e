package io.farpool.worker.hosting;

/** Why a payload cannot be had, once nothing is left to try. */
public enum PayloadProblem {
    /** It is not at its client any more: the task has been completed or withdrawn, and that word is on its way here. */
    GONE,
    /** Its client cannot read it, or it keeps arriving damaged. */
    UNREADABLE,
    /** This host's disk has no room for it, or is broken. */
    DISK
}
