package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.SessionProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Tells, from the marker a dead process left, what has become of the attempts that were in flight at it. */
final class Deaths {
    private final HostState state;
    private final BiConsumer<Attempt, Outcome> hold;

    Deaths(HostState state, BiConsumer<Attempt, Outcome> hold) {
        this.state = state;
        this.hold = hold;
    }

    /**
     * Ends those that had started: the last of them was running and is the suspect, those before it had finished and could
     * not say so any more. Returns those that had not started.
     */
    List<Attempt> settle(HostedProcess process, long marker, ProcessExit exit) {
        List<Attempt> unstarted = new ArrayList<>();
        for (Attempt attempt : List.copyOf(process.inFlight.values())) {
            process.take(attempt.ordinal);
            if (attempt.ordinal > marker) {
                unstarted.add(attempt);
            } else {
                Loss loss = attempt.ordinal == marker
                        ? Outcomes.loss(
                                Loss.Cause.PROCESS_DIED,
                                "the worker process " + process.pid + " " + exit.describe() + " while it ran this task",
                                exit)
                        : Outcomes.loss(
                                Loss.Cause.HOST_LOST,
                                "the task had ended when its worker process " + process.pid + " " + exit.describe()
                                        + ", and its outcome was lost with it",
                                exit);
                hold.accept(attempt, state.outcomes.lost(attempt, process, loss, state.nowMillis));
            }
        }
        return unstarted;
    }

    /** Whether its death says that processes of its session do not live here: it ran nothing, and nobody ended it. */
    static boolean wasFruitless(HostedProcess process, long marker, boolean hadSomethingToRun) {
        return process.wanted && (!process.wasReady || (hadSomethingToRun && marker == 0 && process.done == 0));
    }

    /** The coordinator decides where, and whether, it is tried again: the session's attempts must go back with this. */
    void notReady(HostedSession session, Loss loss) {
        if (!session.closed && !session.broken) {
            state.reports.problem(
                    SessionProblem.newBuilder().setSession(session.number).setProcessNotReady(loss));
        }
    }

    static Loss neverReady(HostedProcess process, ProcessExit exit) {
        String when = process.wasReady ? "before it ran anything" : "before it was ready";
        return Outcomes.loss(Loss.Cause.PROCESS_NOT_STARTED, "a worker process " + exit.describe() + " " + when, exit);
    }
}
