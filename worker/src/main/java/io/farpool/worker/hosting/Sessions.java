package io.farpool.worker.hosting;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.SharedReleased;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens and closes sessions on this host, keeps them to their quotas, and sees to their class paths. */
final class Sessions {
    /** Past it the oldest is forgotten: its client has long ended, or opened it anew at coordinators that are gone too. */
    private static final int MOST_REMEMBERED = 10_000;

    private final HostState state;
    private final Attempts attempts;
    /** Ids of sessions that have ended with attempts that may have started. */
    private final Set<String> endedStarted = new LinkedHashSet<>();

    Sessions(HostState state, Attempts attempts) {
        this.state = state;
        this.attempts = attempts;
    }

    /**
     * One that is here goes on under its new number, unless the one that is here is being closed with the same order.
     *
     * @param closing what the same order closes
     */
    void open(SessionOpened opened, List<SessionClosed> closing) {
        int number = opened.getSession();
        if (state.sessions.containsKey(number)) {
            return;
        }
        HostedSession known = state.held.takeSession(opened.getSessionId());
        if (known == null) {
            known = takeOwn(opened.getSessionId(), closing);
        }
        if (known == null) {
            known = new HostedSession(opened);
            known.droppedStarted = endedStarted.contains(opened.getSessionId());
        }
        known.reopen(number);
        state.sessions.put(number, known);
        state.touch(known);
    }

    private @Nullable HostedSession takeOwn(String id, List<SessionClosed> closing) {
        for (HostedSession session : state.sessions.values()) {
            if (session.id.equals(id)) {
                for (SessionClosed closed : closing) {
                    if (closed.getSession() == session.number) {
                        close(closed);
                        return null;
                    }
                }
                state.sessions.remove(session.number);
                return session;
            }
        }
        return null;
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
        for (HostedSession session : state.allSessions()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                session.code = HostedSession.Code.HERE;
                session.classPath = List.copyOf(classPath);
                state.touch(session);
            }
        }
    }

    void classPathFailed(String sessionId, String message) {
        for (HostedSession session : state.allSessions()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                if (session.processes.isEmpty()) {
                    releaseClassPath(session);
                } else {
                    session.code = HostedSession.Code.USED; // they still run on what there is
                }
                session.startsAhead = 0;
                state.reports.problem(
                        session,
                        SessionProblem.newBuilder()
                                .setCodeUnavailable(Loss.newBuilder()
                                        .setCause(Loss.Cause.CODE_UNAVAILABLE)
                                        .setMessage(message)));
                attempts.giveBackQueue(session);
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- shared values

    /** The processes forget them too. One that still runs a task whose future nobody waits for may ask for them again. */
    void releaseShared(SharedReleased released) {
        HostedSession session = state.sessions.get(released.getSession());
        if (session == null) {
            return;
        }
        for (HostedProcess process : session.processes) {
            if (process.state == HostedProcess.State.PREPARING || process.state == HostedProcess.State.READY) {
                process.forget(released.getDigestsList());
            }
        }
        state.decisions.add(new HostDecision.ReleaseShared(session.id, released.getDigestsList()));
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
        for (HostedSession session : state.allSessions()) {
            end(session, false);
        }
        state.sessions.clear();
        state.attempts.clear();
        state.held.clear();
    }

    /** Another coordinator has welcomed this host: what is here waits until that one has heard who wants it. */
    void holdAll() {
        state.sessions.values().forEach(session -> session.hold(state.nowMillis));
        state.held.add(state.sessions.values(), state.attempts.values());
        state.sessions.clear();
        state.attempts.clear();
    }

    /** Ends those held of which nothing is left, and those that nobody has wanted for as long as a coordinator is waited for. */
    void endUnwanted() {
        for (HostedSession session : state.held.sessions()) {
            boolean overdue = state.nowMillis >= session.heldSinceMillis + state.limits.coordinatorLossMillis();
            if (overdue || (session.processes.isEmpty() && !state.held.hasAttemptsOf(session))) {
                end(session, false);
            }
        }
    }

    private void end(HostedSession session, boolean kill) {
        session.closed = true;
        rememberStarted(session);
        state.payloads.releaseAll(session);
        state.attempts.values().removeIf(attempt -> attempt.session == session);
        state.held.remove(session);
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

    private void rememberStarted(HostedSession session) {
        boolean mayHaveStarted = session.droppedStarted
                || state.held.mayHaveStarted(session)
                || state.attempts.values().stream()
                        .anyMatch(attempt -> attempt.session == session && attempt.mayHaveStarted());
        if (mayHaveStarted && endedStarted.add(session.id) && endedStarted.size() > MOST_REMEMBERED) {
            endedStarted.remove(endedStarted.iterator().next());
        }
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
            releaseClassPath(session);
        }
    }

    /** A session may have been closed and opened again since: then its processes and those of old share the class path. */
    private void releaseClassPath(HostedSession session) {
        session.code = HostedSession.Code.ABSENT;
        boolean needed = state.allSessions().stream().anyMatch(other -> other.needsClassPathOf(session))
                || state.processes.values().stream().anyMatch(other -> other.session.needsClassPathOf(session));
        if (!needed) {
            state.decisions.add(new HostDecision.ReleaseClassPath(session.id));
        }
    }
}
