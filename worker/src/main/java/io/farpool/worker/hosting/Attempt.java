package io.farpool.worker.hosting;

import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.Task;
import org.jspecify.annotations.Nullable;

/** One attempt that the coordinator has handed to this host, until it is returned or its outcome acknowledged. */
final class Attempt {
    /**
     * Where it is.
     * <pre>
     * FETCHING ──▶ QUEUED ──▶ SENT ──▶ ENDED ──▶ GONE
     *                ▲          │        ▲
     *                └──────────┘        │        withdrawn, or its process died before it started
     *     └──────────┴───────────────────┘        cancelled before it was sent, or its payload could not be had
     * </pre>
     */
    enum State {
        FETCHING,
        QUEUED,
        SENT,
        ENDED,
        GONE
    }

    /** Why it is being stopped; decides its outcome, whatever the process still says. */
    enum Ending {
        CANCELLED,
        TIMED_OUT
    }

    final HostedSession session;
    /** Of the coordinator that has assigned or adopted it; with its number, its name. */
    long epoch;

    long number;
    final int startNumber;
    final long sequence;
    final long taskBytes;
    /** Orders the attempts of a session as they came. */
    final long arrival;

    State state = State.QUEUED;
    /** Dropped when it ends. */
    @Nullable
    Task task;

    @Nullable
    HostedProcess process;

    long ordinal;
    /** When the marker first showed it; 0: not yet. */
    long startedMillis;

    boolean startReported;
    boolean withdrawing;
    boolean recalled;
    boolean cancelled;

    @Nullable
    Ending ending;

    long killAtMillis = Long.MAX_VALUE;
    /** Not timed out earlier: it may have ended while nobody listened. */
    long notTimedOutBeforeMillis;

    @Nullable
    Outcome outcome;

    long heldBytes;
    /** What its payload is being, or has been, fetched by; 0: it was not needed, or is not here any more. */
    long fetch;
    /** Its outcome's payload, when that is a file of this host. */
    @Nullable
    PayloadReference file;

    Attempt(HostedSession session, long epoch, Run run, long arrival) {
        this.session = session;
        this.epoch = epoch;
        this.number = run.getAttempt();
        this.startNumber = Math.max(1, run.getStartNumber());
        this.sequence = run.getTask().getSequence();
        this.task = run.getTask();
        this.taskBytes = Payloads.sizeBytes(run.getTask().getPayload());
        this.arrival = arrival;
    }

    boolean hasStarted() {
        return startedMillis != 0;
    }

    long timeoutMillis() {
        Task own = task;
        return own == null ? 0 : own.getTimeoutMillis();
    }

    long timesOutAtMillis() {
        return timeoutMillis() > 0 && hasStarted() && ending == null
                ? Math.max(notTimedOutBeforeMillis, saturatedSum(startedMillis, timeoutMillis()))
                : Long.MAX_VALUE;
    }

    /** Whether the task's code may have run. */
    boolean mayHaveStarted() {
        return switch (state) {
            case FETCHING, QUEUED, GONE -> false;
            case SENT -> true;
            case ENDED -> {
                Outcome how = outcome;
                yield how == null || how.hasPlace();
            }
        };
    }

    /** It is not at a process any more, and may be sent again. */
    void unsend() {
        process = null;
        ordinal = 0;
        startedMillis = 0;
        startReported = false;
        withdrawing = false;
        killAtMillis = Long.MAX_VALUE;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
