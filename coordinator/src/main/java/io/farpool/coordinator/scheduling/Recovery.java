package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.SequenceInterval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a session goes on at a coordinator that has never heard of it. Its client says what is pending, hosts say what they
 * have, in any order; what matches is adopted.
 *
 * <pre>
 *   open (resuming, known hosts) ──▶ pending told ──▶ hosts that are there are claimed from ──▶ … others as they attach
 *                                                                                                    │
 *          all known hosts are there, or the recovery window is over ◀───────────────────────────────┘
 *                  │
 *                  ├─ granted before, and it cannot be told that it has not started ──▶ done (unaccounted)
 *                  └─ all others ──▶ wanted
 * </pre>
 * Later, a host that attaches is claimed from in the same way: what is wanted and has not come may be there.
 */
final class Recovery {
    private final Cluster cluster;
    private final Attempts attempts;

    Recovery(Cluster cluster, Attempts attempts) {
        this.cluster = cluster;
        this.attempts = attempts;
    }

    // ------------------------------------------------------------------------------------------------ the client

    void begin(SessionState session, List<String> knownHosts) {
        session.recovering = true;
        cluster.recovering.add(session);
        for (String host : knownHosts) {
            await(session, host);
        }
        session.hostsChanged = true;
        cluster.wakeAt(windowEndMillis());
    }

    private void await(SessionState session, String host) {
        if (!cluster.hosts.containsKey(host)) {
            session.awaitedHosts.add(host);
        }
    }

    /** When hosts are waited for no longer. */
    long windowEndMillis() {
        return cluster.startMillis + cluster.settings.recoveryWindowMillis();
    }

    /** When what hosts have of sessions that nobody has opened is kept no longer. */
    long keptUntilMillis() {
        return cluster.startMillis + cluster.settings.sessionLeaseMillis();
    }

    void pending(SessionState session, List<SequenceInterval> pending, List<PendingTask> particulars) {
        if (session.broken != null) {
            return;
        }
        session.tellNoneWanted();
        Map<Long, PendingTask> known = new HashMap<>();
        for (PendingTask task : particulars) {
            known.put(task.getSequence(), task);
        }
        for (SequenceInterval interval : pending) {
            for (long sequence = interval.getFirst(); sequence <= interval.getLast(); sequence++) {
                TaskState task = session.tasks.get(sequence);
                if (task == null) {
                    PendingTask told = known.getOrDefault(sequence, PendingTask.getDefaultInstance());
                    take(new TaskState(session, sequence, told, cluster.settings));
                } else {
                    session.onItsWay(task, false);
                    if (task.state == TaskState.State.WANTED) {
                        session.tellWanted(task);
                    }
                }
            }
        }
        session.pendingKnown = true;
        session.pendingTold = true;
        cluster.touch(session);
        if (session.resumed) {
            for (HostState host : cluster.hosts.values()) {
                claim(session, host);
            }
        }
        endIfOver(session);
    }

    private void take(TaskState task) {
        SessionState session = task.session;
        session.tasks.put(task.sequence, task);
        session.unfinished++;
        if (session.recovering) {
            session.unclaimed.put(task.sequence, task);
            if (task.grant != null) {
                await(session, task.grant.getHost());
            }
        } else {
            resolve(task);
        }
    }

    // ------------------------------------------------------------------------------------------------ the hosts

    /** A host has attached, and what it has was claimed as far as sessions have spoken. */
    void attached(HostState host) {
        for (SessionState session : List.copyOf(cluster.recovering)) {
            session.awaitedHosts.remove(host.name);
            endIfOver(session);
        }
    }

    /** What the host has of a session that is open, or may yet be. */
    void recognise(HostState host, HeldSession held) {
        SessionState session = cluster.sessionsById.get(held.id);
        boolean over = session == null
                ? cluster.nowMillis >= keptUntilMillis() || endedHere(host, held.id)
                : session.broken != null;
        if (over) {
            drop(host, held);
        } else if (session == null || session.awaitsPending()) {
            // One that was ended here, and whose end the host has not heard of in time, has lost its slots to others.
            cluster.reserve(host, held, Math.min(held.processes, Math.max(0, host.free)));
            cluster.wakeAt(keptUntilMillis());
        } else {
            claim(session, host);
        }
    }

    private static boolean endedHere(HostState host, String sessionId) {
        return host.shares.values().stream().anyMatch(share -> share.closing && share.session.id.equals(sessionId));
    }

    private void drop(HostState host, HeldSession held) {
        host.held.remove(held.id);
        cluster.reserve(host, held, 0);
        cluster.emit(new Decision.DropSession(host.name, held.id));
    }

    /** Nobody has opened these sessions for as long as a session outlives its streams. */
    void dropUnclaimed(HostState host) {
        for (HeldSession held : new ArrayList<>(host.held.values())) {
            if (!held.claimed && !cluster.sessionsById.containsKey(held.id)) {
                drop(host, held);
            }
        }
    }

    /** The session is over: what hosts have of it, and what they said, is nothing any more. */
    void forget(SessionState session) {
        session.recovering = false;
        cluster.recovering.remove(session);
        session.awaitedHosts.clear();
        for (HostState host : cluster.hosts.values()) {
            HeldSession held = host.held.get(session.id);
            if (held != null && !held.claimed) {
                drop(host, held);
            } else {
                host.held.remove(session.id);
            }
        }
    }

    private void claim(SessionState session, HostState host) {
        HeldSession held = host.held.get(session.id);
        if (held == null || held.claimed) {
            return;
        }
        held.claimed = true;
        cluster.reserve(host, held, 0);
        boolean fresh = !session.shares.containsKey(host);
        Share share = cluster.shareOf(session, host);
        share.warmProcesses = held.processes;
        share.known = true;
        // What has started first: what is recalled is looked for among the newest.
        held.attempts.sort(Comparator.comparing(attempt -> !mayHaveStarted(attempt)));
        for (AttemptHeld attempt : held.attempts) {
            TaskState task = session.tasks.get(attempt.getSequence());
            if (task != null && mayBeAdopted(task, attempt, host)) {
                adopt(task, attempt, share);
            } else {
                drop(host, held, attempt, task);
            }
        }
        held.attempts.clear();
        if (fresh) {
            adoptProcesses(share, held.processes);
        }
        Dispatch.recallIfWithoutSlots(cluster, share);
    }

    /**
     * Not one that another attempt has come after: the client counts starts, and the host of a newer grant is the only one
     * that can have what the task is to be ended by.
     */
    private static boolean mayBeAdopted(TaskState task, AttemptHeld attempt, HostState host) {
        boolean free = task.state == TaskState.State.UNCLAIMED || task.state == TaskState.State.WANTED;
        return free && attempt.getStartNumber() > task.starts && (task.grant == null || isAt(task.grant, host));
    }

    private static boolean isAt(Grant grant, HostState host) {
        return grant.getHost().equals(host.name) && grant.getIncarnation() == host.incarnation;
    }

    private void adopt(TaskState task, AttemptHeld held, Share share) {
        HostState host = share.host;
        task.session.dequeue(task);
        Attempt attempt = new Attempt(cluster.nextAttempt(), task, share, held.getStartNumber(), Attempt.UNKNOWN);
        AttemptName name = name(held);
        attempt.formerName = name;
        attempt.started = held.getRunning();
        if (attempt.started) {
            share.ranMillis = cluster.nowMillis;
        }
        task.attempt = attempt;
        task.state = TaskState.State.ASSIGNED;
        cluster.attempts.put(attempt.id, attempt);
        host.adopted.put(name, attempt);
        share.add(attempt);
        cluster.emit(new Decision.Adopt(host.name, name, attempt.id));
        if (held.hasOutcome()) {
            attempts.ended(host, attempt.id, held.getOutcome().getOutcome());
        } else if (task.cancelRequested) {
            cluster.emit(new Decision.CancelAttempt(host.name, attempt.id, task.cancelEvenIfRunning));
        }
    }

    private void drop(HostState host, HeldSession held, AttemptHeld attempt, @Nullable TaskState task) {
        if (mayHaveStarted(attempt) && task != null && task.state == TaskState.State.UNCLAIMED) {
            held.droppedStarted = true;
        }
        // The client has said what is pending: it has the completion of what it did not name.
        cluster.emit(new Decision.DropAttempt(host.name, name(attempt), task == null));
    }

    static boolean mayHaveStarted(AttemptHeld held) {
        return held.getRunning() || held.hasOutcome();
    }

    static AttemptName name(AttemptHeld held) {
        return AttemptName.newBuilder()
                .setEpoch(held.getEpoch())
                .setAttempt(held.getAttempt())
                .build();
    }

    /**
     * Processes that are there already are slots that are held already; they stay as far as there is room and the cap
     * allows, but not on a host that drains, or that keeps too much of the session already.
     */
    private void adoptProcesses(Share share, int processes) {
        int room = share.host.draining || share.full ? 0 : Math.min(share.host.free, share.session.allowance());
        int kept = Math.max(0, Math.min(processes, room));
        cluster.setSlots(share, kept, processes, processes - kept);
        if (kept < processes) {
            cluster.emit(share.tellQuota());
        }
    }

    // ------------------------------------------------------------------------------------------------ the end of it

    void endIfOver(SessionState session) {
        boolean heard = session.awaitedHosts.isEmpty() || cluster.nowMillis >= windowEndMillis();
        if (!session.recovering || !session.pendingKnown || !heard) {
            return;
        }
        session.recovering = false;
        cluster.recovering.remove(session);
        session.awaitedHosts.clear();
        session.hostsChanged = true;
        cluster.touch(session);
        List<TaskState> unclaimed = new ArrayList<>(session.unclaimed.values());
        session.unclaimed.clear();
        unclaimed.forEach(this::resolve);
    }

    /** Nobody claims this one. */
    private void resolve(TaskState task) {
        Grant grant = task.grant;
        if (task.cancelRequested) {
            attempts.complete(task, Attempts.CANCELLED, null);
        } else if (grant != null && mayHaveStarted(task, grant)) {
            task.starts++;
            attempts.complete(task, unaccounted(task, grant), null);
        } else {
            task.session.want(task);
        }
    }

    /** See Grant in pool.proto. */
    private boolean mayHaveStarted(TaskState task, Grant grant) {
        HostState host = cluster.hosts.get(grant.getHost());
        HeldSession held = host == null ? null : host.held.get(task.session.id);
        // One of this very epoch is from before the session expired here, and its hosts were told to end it.
        boolean knownNotTo = grant.getEpoch() != cluster.epoch
                && host != null
                && isAt(grant, host)
                && held != null
                && !held.droppedStarted
                && !task.session.begunAt.contains(host.name);
        return !knownNotTo;
    }

    private static Outcome unaccounted(TaskState task, Grant grant) {
        return Outcome.newBuilder()
                .setLoss(Loss.newBuilder()
                        .setCause(Loss.Cause.UNACCOUNTED)
                        .setMessage("the coordinator was lost while host " + grant.getHost()
                                + " had the task's last permitted attempt, and nobody can say what became of it"))
                .setPlace(Place.newBuilder().setHost(grant.getHost()).setAttempt(task.starts))
                .build();
    }

    // ------------------------------------------------------------------------------------------------ what is told

    /** Tells the client what is wanted and where something of it may be, as far as that has changed. */
    void tell(SessionState session) {
        List<SequenceInterval> wanted = session.takeUntold();
        if (!wanted.isEmpty()) {
            cluster.emit(new Decision.WantTasks(session.number, wanted));
        }
        // Until the client has said what is pending, what it knows of hosts is more than what is known here.
        if (session.hostsChanged && !session.awaitsPending()) {
            session.hostsChanged = false;
            cluster.emit(new Decision.TellHosts(session.number, session.hosts()));
        }
    }
}
