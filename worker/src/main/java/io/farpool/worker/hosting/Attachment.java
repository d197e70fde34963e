package io.farpool.worker.hosting;

import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Welcome;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the host stands with its coordinator: which one has welcomed it, its heartbeats, and what becomes of the host
 * without a stream.
 *
 * <pre>
 * detached ── lease ──▶ fenced: starts nothing ── loss time-out ──▶ every session ended
 *     │                       │
 *     └─ welcome, same epoch ─┴──▶ goes on as before
 *     └─ another epoch ───────┴──▶ goes on too, but held: this coordinator adopts or drops it
 * </pre>
 */
final class Attachment {
    private static final long SHORTEST_HEARTBEAT_MILLIS = 100;

    private final HostState state;
    private final Sessions sessions;
    private long leaseMillis;
    private long heartbeatMillis = Long.MAX_VALUE;
    private long nextHeartbeatMillis = Long.MAX_VALUE;
    private long detachedMillis;
    /** Without a stream for longer than the lease: what is here may have been given to another host. */
    private boolean fenced;

    Attachment(HostState state, Sessions sessions) {
        this.state = state;
        this.sessions = sessions;
    }

    /** Whether nothing may be started. */
    boolean isFenced() {
        return fenced;
    }

    List<Report> attaching() {
        state.held.forgetUnstarted();
        List<Attempt> attempts = new ArrayList<>(state.held.attempts());
        attempts.addAll(state.attempts.values());
        return state.reports.attach(state.allSessions(), attempts);
    }

    /** What another coordinator had assigned is held for whoever wants it; what this one had is confirmed anew. */
    void welcome(Welcome welcome) {
        if (welcome.getEpoch() != state.epoch) {
            sessions.holdAll();
            state.processes.values().forEach(process -> process.session.endUnconfirmed = false);
            state.reports.clear();
            state.epoch = welcome.getEpoch();
        }
        leaseMillis = welcome.getLeaseMillis();
        heartbeatMillis = Math.max(SHORTEST_HEARTBEAT_MILLIS, welcome.getHeartbeatMillis());
        nextHeartbeatMillis = state.nowMillis;
        state.wakeAt(nextHeartbeatMillis);
        fenced = false;
        state.reports.welcome();
        state.processes.values().forEach(process -> process.session.logBytes = 0);
        for (HostedSession session : state.sessions.values()) {
            session.logBytes = 0;
            session.quotaUnconfirmed = true;
            state.touch(session);
        }
        // If this host was fenced, they may start what waits again.
        state.held.sessions().forEach(state::touch);
        if (state.draining) {
            state.reports.draining();
        }
    }

    /** Counts from the last stream that was welcomed: a coordinator that does not answer is none. */
    void detached() {
        if (state.reports.stream() == Reports.Stream.WELCOMED) {
            detachedMillis = state.nowMillis;
        }
        state.reports.detach();
        nextHeartbeatMillis = Long.MAX_VALUE;
        if (state.epoch != 0) {
            state.wakeAt(Math.max(state.nowMillis + 1, detachedMillis + leaseMillis));
        }
    }

    void wasStopped(long gapMillis) {
        detachedMillis += gapMillis;
        state.held.sessions().forEach(session -> session.heldSinceMillis += gapMillis);
    }

    void timePassed() {
        sessions.endUnwanted();
        if (state.reports.stream() != Reports.Stream.WELCOMED) {
            timePassedAlone();
        } else if (state.nowMillis >= nextHeartbeatMillis) {
            heartbeat();
        }
        state.wakeAt(nextHeartbeatMillis);
    }

    private void timePassedAlone() {
        if (state.epoch == 0) {
            return;
        }
        if (!fenced && state.nowMillis >= detachedMillis + leaseMillis) {
            fenced = true;
        }
        if (state.nowMillis >= detachedMillis + state.limits.coordinatorLossMillis()) {
            sessions.endAll();
        } else {
            state.wakeAt(detachedMillis + (fenced ? state.limits.coordinatorLossMillis() : Math.max(1, leaseMillis)));
        }
    }

    private void heartbeat() {
        nextHeartbeatMillis = state.nowMillis + heartbeatMillis;
        int busy = 0;
        int inFlight = 0;
        int queued = 0;
        for (HostedProcess process : state.processes.values()) {
            busy += process.inFlight.isEmpty() ? 0 : 1;
            inFlight += process.inFlight.size();
        }
        for (HostedSession session : state.allSessions()) {
            queued += session.queued() + session.fetching.size();
        }
        state.reports.load(state.processes.size(), busy, queued + inFlight - busy);
    }
}
