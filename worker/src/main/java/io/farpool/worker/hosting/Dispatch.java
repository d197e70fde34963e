package io.farpool.worker.hosting;

import io.farpool.wire.Protocol;
import org.jspecify.annotations.Nullable;

/** Hands a session's waiting attempts to its processes, and takes from a busy one what an idle one could run. */
final class Dispatch {
    private final HostState state;

    Dispatch(HostState state) {
        this.state = state;
    }

    /**
     * Spreads what waits evenly over the processes that are ready, each up to the depth that the length of the session's
     * tasks allows. Payloads bound it too, those that are files included: past a batch's bytes a process gets only one at a
     * time.
     */
    void run(HostedSession session) {
        int ready = 0;
        int inFlight = 0;
        for (HostedProcess process : session.processes) {
            if (process.takesRuns()) {
                ready++;
                inFlight += process.inFlight.size();
            }
        }
        if (ready == 0
                || session.closed
                || session.heldBytes > state.limits.heldOutcomeBytes()
                || session.heldFileBytes > state.limits.heldFileBytes()) {
            return;
        }
        if (session.queued() == 0) {
            steal(session);
            return;
        }
        int level = Math.min(session.taskLength.depth(), (session.queued() + inFlight + ready - 1) / ready);
        for (HostedProcess process : session.processes) {
            fill(process, level);
        }
    }

    private void fill(HostedProcess process, int level) {
        HostedSession session = process.session;
        while (process.takesRuns()
                && process.inFlight.size() < level
                && (process.inFlight.isEmpty() || process.inFlightBytes < Protocol.BATCH_BYTES)) {
            Attempt attempt = session.poll();
            if (attempt == null) {
                return;
            }
            process.run(attempt);
            state.lookLater(session);
        }
    }

    private static void steal(HostedSession session) {
        HostedProcess idle = null;
        HostedProcess fullest = null;
        for (HostedProcess process : session.processes) {
            if (process.takesRuns() && process.inFlight.isEmpty()) {
                idle = process;
            } else if (fullest == null || process.inFlight.size() > fullest.inFlight.size()) {
                fullest = process;
            }
        }
        if (idle == null || fullest == null || fullest.inFlight.size() < 2) {
            return;
        }
        int unstarted = fullest.unstarted().size();
        if (unstarted > 0 && session.taskLength.isWorthMoving(unstarted)) {
            fullest.withdrawLatest((unstarted + 1) / 2);
        }
    }

    /** What stands behind a task that takes unusually long goes back to the queue, for whichever process is free first. */
    static void freeFrom(@Nullable Attempt running) {
        if (running != null && running.process != null) {
            running.process.slow = true;
            running.process.withdrawLatest(Integer.MAX_VALUE);
        }
    }
}
