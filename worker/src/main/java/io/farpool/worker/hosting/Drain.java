package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import java.util.List;

/** Empties the host for its end: nothing new is taken, what has not started goes back, what runs may finish for a while. */
final class Drain {
    private final HostState state;
    private final Attempts attempts;
    private boolean toldDone;

    Drain(HostState state, Attempts attempts) {
        this.state = state;
        this.attempts = attempts;
    }

    /** Idempotent. */
    void begin() {
        if (state.draining) {
            return;
        }
        state.draining = true;
        state.reports.draining();
        for (HostedSession session : state.allSessions()) {
            attempts.giveBackQueue(session);
            for (HostedProcess process : session.processes) {
                process.withdrawLatest(Integer.MAX_VALUE);
            }
            state.touch(session);
        }
    }

    /** Patience has ended: what runs is lost with the host, and every process is killed. */
    void endRunning() {
        for (HostedProcess process : List.copyOf(state.processes.values())) {
            endRunning(process);
            process.wanted = false;
            state.kill(process);
        }
        state.spare.end();
    }

    private void endRunning(HostedProcess process) {
        Loss loss = Loss.newBuilder()
                .setCause(Loss.Cause.HOST_LOST)
                .setMessage("the host was shut down while it ran this task")
                .build();
        List<Attempt> unstarted = process.behindRunning();
        for (Attempt attempt : List.copyOf(process.inFlight.values())) {
            process.take(attempt.ordinal);
            if (unstarted.contains(attempt)) {
                attempts.giveBack(attempt);
            } else {
                attempts.hold(attempt, state.outcomes.lost(attempt, process, loss, state.nowMillis));
            }
        }
    }

    /** Decides to say, once, that nothing is left. */
    void tellOnceDone() {
        if (state.draining && !toldDone && state.attempts.isEmpty() && state.held.isEmpty()) {
            toldDone = true;
            state.decisions.add(new HostDecision.Drained());
        }
    }
}
