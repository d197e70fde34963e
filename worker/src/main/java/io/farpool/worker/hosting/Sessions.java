package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import java.util.List;

/** Opens and closes sessions on this host, keeps them to their quotas, and sees to their class paths. */
final class Sessions {
    private final HostState state;
    private final Attempts attempts;

    Sessions(HostState state, Attempts attempts) {
        this.state = state;
        this.attempts = attempts;
    }

    void open(SessionOpened opened) {
        if (!state.sessions.containsKey(opened.getSession())) {
            state.sessions.put(opened.getSession(), new HostedSession(opened));
        }
    }

    // -------------------------------------------------------------------------------------------------------- quota

    void quota(Quota quota) {
        HostedSession session = state.sessions.get(quota.getSession());
        if (session == null) {
            return;
        }
        session.quotaIs(quota.getProcesses());
        session.quotaRevision = quota.getRevision();
        session.quotaUnconfirmed = true;
        session.chooseRetiring();
        for (HostedProcess process : List.copyOf(session.processes)) {
            if (process.retiring) {
                retire(process);
            }
        }
        state.touch(session);
    }

    private void retire(HostedProcess process) {
        if (process.isIdle() || process.isStarting()) {
            state.end(process);
        } else {
            process.withdrawLatest(Integer.MAX_VALUE);
        }
    }

    /** Tells that the session keeps within its newest quota, once it does. */
    void confirmQuota(HostedSession session) {
        if (session.quotaUnconfirmed && !session.closed && session.processes.size() <= session.quota) {
            session.quotaUnconfirmed = false;
            state.reports.confirmed(session);
        }
    }

    // -------------------------------------------------------------------------------------------------- class paths

    void classPathResolved(String sessionId, List<String> classPath) {
        for (HostedSession session : state.sessions.values()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                session.code = HostedSession.Code.HERE;
                session.classPath = List.copyOf(classPath);
                state.touch(session);
            }
        }
    }

    void classPathFailed(String sessionId, String message) {
        for (HostedSession session : state.sessions.values()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                session.code = HostedSession.Code.ABSENT;
                session.startsAhead = 0;
                state.reports.problem(SessionProblem.newBuilder()
                        .setSession(session.number)
                        .setCodeUnavailable(Loss.newBuilder()
                                .setCause(Loss.Cause.CODE_UNAVAILABLE)
                                .setMessage(message)));
                attempts.giveBackQueue(session);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------------- end

    void close(SessionClosed closed) {
        HostedSession session = state.sessions.remove(closed.getSession());
        if (session != null) {
            session.quota = 0;
            session.endUnconfirmed = true;
            end(session, closed.getKill());
        }
    }

    /** Nobody is left who wants any of it; what runs is interrupted, and killed after the grace. */
    void endAll() {
        for (HostedSession session : List.copyOf(state.sessions.values())) {
            end(session, false);
        }
        state.sessions.clear();
        state.attempts.clear();
    }

    private void end(HostedSession session, boolean kill) {
        session.closed = true;
        state.attempts.values().removeIf(attempt -> attempt.session == session);
        session.clear();
        for (HostedProcess process : List.copyOf(session.processes)) {
            process.abandon(!kill && process.state == HostedProcess.State.READY);
            state.end(process);
            if (kill) {
                state.kill(process);
            }
        }
        releaseIfGone(session);
        state.touched.remove(session);
        state.hungry.remove(session);
    }

    /** Once the last process of a session that has ended is gone, the end is confirmed and the class path let go. */
    void releaseIfGone(HostedSession session) {
        if (!session.closed || !session.processes.isEmpty()) {
            return;
        }
        if (session.endUnconfirmed) {
            session.endUnconfirmed = false;
            state.reports.confirmed(session);
        }
        if (session.code != HostedSession.Code.ABSENT) {
            session.code = HostedSession.Code.ABSENT;
            state.decisions.add(new HostDecision.ReleaseClassPath(session.id));
        }
    }
}
