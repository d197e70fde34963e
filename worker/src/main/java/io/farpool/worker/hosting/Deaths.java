package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.SessionProblem;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a process, whoever caused it: tells, from the marker it left, what has become of the attempts that were in
 * flight at it, and whether processes of its session can live here at all.
 */
final class Deaths {
    private final HostState state;
    private final Attempts attempts;
    private final Sessions sessions;

    Deaths(HostState state, Attempts attempts, Sessions sessions) {
        this.state = state;
        this.attempts = attempts;
        this.sessions = sessions;
    }

    /** It can neither hear nor speak any more, so it has the grace left in which to exit. */
    void disconnected(long id) {
        state.spare.disconnected(id);
        HostedProcess process = state.processes.get(id);
        if (process != null && !process.killed) {
            if (process.state == HostedProcess.State.READY) {
                process.state = HostedProcess.State.ENDING;
            }
            process.killAtMillis = Math.min(process.killAtMillis, state.nowMillis + state.limits.killGraceMillis());
            state.wakeAt(process.killAtMillis);
        }
    }

    void notLaunched(long id, String message) {
        state.spare.gone(id);
        HostedProcess process = state.processes.remove(id);
        if (process != null) {
            process.session.processes.remove(process);
            if (process.wanted) {
                notReady(
                        process.session,
                        Loss.newBuilder()
                                .setCause(Loss.Cause.PROCESS_NOT_STARTED)
                                .setMessage(message)
                                .build());
            }
            gone(process);
        }
    }

    void exited(long id, long marker, ProcessExit exit) {
        HostedProcess process = state.processes.remove(id);
        if (process == null) {
            state.spare.gone(id);
            return;
        }
        process.session.processes.remove(process);
        boolean fruitless = wasFruitless(process, marker);
        settle(process, marker, exit);
        if (fruitless) {
            notReady(process.session, neverReady(process, exit));
        }
        gone(process);
    }

    /**
     * Of those in flight the last that had started was running and is the suspect; those before it had finished and could
     * not say so any more, nor note it; those after it had not started.
     */
    private void settle(HostedProcess process, long marker, ProcessExit exit) {
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
                attempts.hold(attempt, state.outcomes.lost(attempt, process, loss, state.nowMillis));
            }
        }
        List<Attempt> again = new ArrayList<>();
        unstarted.forEach(attempt -> attempts.unstarted(attempt, again));
        process.session.requeue(again);
    }

    /** Whether its death says that processes of its session do not live here: it ran nothing, and nobody ended it. */
    private static boolean wasFruitless(HostedProcess process, long marker) {
        boolean hadSomethingToRun = !process.inFlight.isEmpty();
        return process.wanted && (!process.wasReady || (hadSomethingToRun && marker == 0 && process.done == 0));
    }

    private static Loss neverReady(HostedProcess process, ProcessExit exit) {
        String when = process.wasReady ? "before it ran anything" : "before it was ready";
        return Outcomes.loss(Loss.Cause.PROCESS_NOT_STARTED, "a worker process " + exit.describe() + " " + when, exit);
    }

    /** The coordinator decides where, and whether, it is tried again, so the session's attempts go back with this. */
    private void notReady(HostedSession session, Loss loss) {
        if (!session.closed && !session.broken) {
            state.reports.problem(session, SessionProblem.newBuilder().setProcessNotReady(loss));
        }
        session.startsAhead = 0;
        attempts.giveBackQueue(session);
    }

    private void gone(HostedProcess process) {
        sessions.releaseIfGone(process.session);
        state.touch(process.session);
        state.roomChanged = true;
    }
}
