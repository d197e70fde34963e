package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's core: events and the time in, decisions out.
 *
 * <pre>
 *   events ──apply──▶ Sessions, Hosts, Attempts ──▶ completions, acknowledgements, cancels …
 *                              │ touch
 *            settle ──▶ Allocation (slots to sessions) ──▶ Dispatch (tasks to slots) ──▶ quotas, runs, recalls, credit
 * </pre>
 * What arrives together is applied together and settled once. Not thread-safe: a serial queue owns it. Decisions are
 * handed out within the
 * call that leads to them; the receiver must not call back.
 */
public final class Scheduler {
    /**
     * One pass of the allocation settles nearly everything, two what the first has brought about; the rest can wait a
     * moment.
     */
    private static final int MOST_PASSES = 3;

    private final Cluster cluster;
    private final Allocation allocation;
    private final Dispatch dispatch;
    private final Attempts attempts;
    private final Sessions sessions;
    private final Hosts hosts;
    private final Leases leases;
    private final Grants grants;
    private final Recovery recovery;

    /**
     * @param settings its limits
     * @param epoch names this coordinator's life; never 0
     * @param startMillis the time now: when that life begins
     * @param decisions takes what is decided
     */
    public Scheduler(SchedulerSettings settings, long epoch, long startMillis, Consumer<? super Decision> decisions) {
        cluster = new Cluster(settings, epoch, startMillis, decisions);
        allocation = new Allocation(cluster);
        dispatch = new Dispatch(cluster);
        attempts = new Attempts(cluster);
        grants = new Grants(cluster);
        recovery = new Recovery(cluster, attempts);
        sessions = new Sessions(cluster, attempts, grants, recovery);
        hosts = new Hosts(cluster, attempts, sessions, grants, recovery);
        leases = new Leases(cluster, sessions, hosts, recovery);
    }

    /**
     * Takes in one event. {@link #settle} must follow, once, after all that came together.
     *
     * @param nowMillis on a clock that never goes back
     */
    public void apply(Event event, long nowMillis) {
        cluster.nowMillis = Math.max(cluster.nowMillis, nowMillis);
        if (event instanceof Event.OfHost ofHost) {
            applyOfHost(ofHost);
        } else if (event instanceof Event.OfSession ofSession) {
            applyOfSession(ofSession);
        } else if (event instanceof Event.TimePassed) {
            leases.check();
        } else if (event instanceof Event.ClockJumped jumped) {
            leases.extend(jumped.gapMillis());
        } else {
            throw new AssertionError("no rule for " + event);
        }
    }

    private void applyOfSession(Event.OfSession event) {
        if (event instanceof Event.SessionOpened opened) {
            sessions.open(opened);
            return;
        }
        SessionState session = cluster.sessions.get(event.session());
        if (session == null) {
            return;
        }
        if (event instanceof Event.TasksSubmitted submitted) {
            sessions.submit(session, submitted.tasks());
        } else if (event instanceof Event.CompletionsAcknowledged acknowledged) {
            sessions.acknowledge(session, acknowledged.upTo());
        } else if (event instanceof Event.CancelsRequested cancels) {
            sessions.cancel(session, cancels.cancels());
        } else if (event instanceof Event.SessionStreams streams) {
            sessions.streams(session, streams);
        } else if (event instanceof Event.AttemptsGranted granted) {
            grants.granted(session, granted.attempts());
        } else if (event instanceof Event.OutcomesTaken taken) {
            attempts.taken(session, taken.attempts());
        } else if (event instanceof Event.PendingTold told) {
            recovery.pending(session, told.pending(), told.particulars());
            sessions.acknowledge(session, session.acknowledgedAhead);
        } else if (event instanceof Event.CompletionsWanted wanted) {
            sessions.tellAgain(session, wanted.acknowledged());
        } else if (event instanceof Event.SessionClosing) {
            sessions.close(session);
        } else if (event instanceof Event.SessionEnded ended) {
            sessions.end(session, ended.kill(), false);
        } else {
            throw new AssertionError("no rule for " + event);
        }
    }

    private void applyOfHost(Event.OfHost event) {
        if (event instanceof Event.HostAttached attached) {
            hosts.attach(attached);
            return;
        }
        HostState host = cluster.hosts.get(event.host());
        if (host == null) {
            return;
        }
        host.heardMillis = cluster.nowMillis;
        if (event instanceof Event.AttemptsEnded ended) {
            attempts.ended(host, ended.outcomes());
        } else if (event instanceof Event.AttemptsStarted started) {
            attempts.started(host, started.started());
        } else if (event instanceof Event.AttemptsReturned returned) {
            attempts.returned(host, returned.attempts());
        } else if (event instanceof Event.AttemptsProgressed progressed) {
            attempts.progressed(host, progressed.progress());
        } else if (event instanceof Event.QuotasConfirmed confirmed) {
            hosts.confirmed(host, confirmed.quotas());
        } else if (event instanceof Event.ProblemReported reported) {
            hosts.problem(host, reported.problem());
        } else if (event instanceof Event.HostDraining) {
            hosts.drain(host);
        } else if (event instanceof Event.HostDetached) {
            hosts.detach(host);
        } else if (event instanceof Event.HostLeft) {
            hosts.lose(host, "it left the cluster");
        } else if (!(event instanceof Event.HostHeard)) {
            throw new AssertionError("no rule for " + event);
        }
    }

    /** Decides on slots and tasks after all events that came together have been applied. */
    public void settle(long nowMillis) {
        cluster.nowMillis = Math.max(cluster.nowMillis, nowMillis);
        int passes = 0;
        do {
            List<SessionState> touched = cluster.takeTouched();
            for (SessionState session : touched) {
                allocation.follow(session);
            }
            if (cluster.allocationDue && passes++ < MOST_PASSES) {
                cluster.allocationDue = false;
                allocation.run();
                cluster.emitQuotas();
            }
            for (SessionState session : touched) {
                settle(session);
            }
            // Again for those whose slots the pass has changed. Dispatching by itself changes nobody's demand.
        } while (cluster.anythingTouched());
        if (cluster.allocationDue) {
            cluster.wakeAt(cluster.nowMillis + 1);
        }
        cluster.emitQuotas();
    }

    private void settle(SessionState session) {
        if (cluster.sessions.get(session.number) == session) {
            dispatch.run(session);
            sessions.grantCredit(session);
            recovery.tell(session);
        }
    }

    /**
     * The time at which {@link Event.TimePassed} can change something next; {@link Long#MAX_VALUE}: never, as things
     * are.
     */
    public long deadlineMillis() {
        return cluster.deadlineMillis();
    }

    /** Whether the session is known and has not ended, nor begun to. */
    public boolean isOpen(int session) {
        return cluster.sessions.containsKey(session);
    }

    /** What a session may submit in all, in tasks; 0 for an unknown one. */
    public long creditTasks(int session) {
        SessionState state = cluster.sessions.get(session);
        return state == null ? 0 : sessions.creditTasks(state);
    }

    /** What a session may submit in all, in payload bytes; 0 for an unknown one. */
    public long creditBytes(int session) {
        SessionState state = cluster.sessions.get(session);
        return state == null ? 0 : sessions.creditBytes(state);
    }

    /** The number of a session's newest completion; 0 for none and for an unknown session. */
    public long completions(int session) {
        SessionState state = cluster.sessions.get(session);
        return state == null ? 0 : state.completions;
    }

    /** Where the payload of an outcome is that is offered to the session; null: it is not offered (any more). */
    public @Nullable OfferView offer(int session, long attempt) {
        Attempt offered = cluster.attempts.get(attempt);
        return offered == null || offered.offer == null || offered.task.session.number != session
                ? null
                : OfferView.of(offered);
    }

    /** Whether the host is part of the cluster, in that incarnation. */
    public boolean isAttached(String host, long incarnation) {
        HostState state = cluster.hosts.get(host);
        return state != null && state.incarnation == incarnation;
    }

    /** Whether the host may be asked to run the session's tasks, and has not been told to end it. */
    public boolean isIntroduced(String host, int session) {
        HostState state = cluster.hosts.get(host);
        Share share = state == null ? null : cluster.shareAt(state, session);
        return share != null && !share.closing;
    }

    /** Whether the session's client, or the one that a host says it has had a session of, may still come back. */
    public boolean mayYetSpeak(String host, String sessionId) {
        SessionState session = cluster.sessionsById.get(sessionId);
        HostState state = cluster.hosts.get(host);
        return session == null ? state != null && state.held.containsKey(sessionId) : session.awaitsPending();
    }

    /**
     * The size of the payload of a task that the host is to run; {@link Long#MAX_VALUE} if the task was adopted, and only its
     * client can tell; empty if that host has nothing to do with the task, or its payload needs no fetching.
     */
    public OptionalLong argumentBytes(int session, long sequence, String host) {
        SessionState state = cluster.sessions.get(session);
        TaskState task = state == null ? null : state.tasks.get(sequence);
        Attempt attempt = task == null ? null : task.attempt;
        if (task == null || attempt == null || attempt.ended() || !attempt.share.host.name.equals(host)) {
            return OptionalLong.empty();
        }
        if (!task.hasBytes()) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
        Payload payload = task.task().getPayload();
        return payload.hasReference() ? OptionalLong.of(payload.getReference().getSizeBytes()) : OptionalLong.empty();
    }

    /** All hosts as they are now. */
    public List<HostView> hosts() {
        List<HostView> views = new ArrayList<>();
        for (HostState host : cluster.hosts.values()) {
            views.add(HostView.of(host, cluster.nowMillis));
        }
        return views;
    }

    /** All sessions as they are now. */
    public List<SessionView> sessions() {
        List<SessionView> views = new ArrayList<>();
        for (SessionState session : cluster.sessions.values()) {
            views.add(SessionView.of(session, cluster.nowMillis));
        }
        return views;
    }

    /** Nothing is remembered of any task or attempt: what every run must come to. */
    boolean isAtRest() {
        return cluster.attempts.isEmpty()
                && cluster.transit == 0
                && cluster.sessions.values().stream()
                        .allMatch(session -> session.tasks.isEmpty()
                                && session.queue.isEmpty()
                                && session.offered.isEmpty()
                                && session.unacknowledgedBytes == 0);
    }
}
