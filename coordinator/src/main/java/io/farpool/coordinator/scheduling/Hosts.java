package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionProblem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The life of hosts: attaching (again), draining, losing them, and what they say about their slots. */
final class Hosts {
    private final Cluster cluster;
    private final Attempts attempts;
    private final Sessions sessions;
    private final Grants grants;
    private final Recovery recovery;

    Hosts(Cluster cluster, Attempts attempts, Sessions sessions, Grants grants, Recovery recovery) {
        this.cluster = cluster;
        this.attempts = attempts;
        this.sessions = sessions;
        this.grants = grants;
        this.recovery = recovery;
    }

    void attach(Event.HostAttached attached) {
        HostState known = cluster.hosts.get(attached.host());
        if (known != null && (known.incarnation != attached.incarnation() || known.slots != attached.slots())) {
            lose(known, "its daemon was started anew");
            known = null;
        }
        HostState host = known;
        if (host == null) {
            host = new HostState(
                    cluster.nextHost(), attached.host(), attached.incarnation(), attached.slots(), cluster.nowMillis);
            cluster.hosts.put(host.name, host);
        }
        grants.takeBack(host);
        host.connected = true;
        host.draining = false;
        host.heldResultBytes = attached.heldResultBytes();
        host.heardMillis = cluster.nowMillis;
        cluster.wakeAt(host.heardMillis + cluster.settings.hostLeaseMillis());

        keepWhatItHolds(host, attached.sessions());
        Set<Long> held = new HashSet<>();
        List<AttemptName> dropped = new ArrayList<>();
        List<Long> settled = new ArrayList<>();
        List<Decision> adoptedAgain = new ArrayList<>();
        List<AttemptOutcome> ended = new ArrayList<>();
        for (AttemptHeld attempt : attached.attempts()) {
            Attempt ours = find(host, attempt);
            if (ours != null) {
                held.add(ours.id);
                ours.started |= attempt.getRunning();
                if (attempt.getEpoch() != cluster.epoch) {
                    adoptedAgain.add(new Decision.Adopt(host.name, Recovery.name(attempt), ours.id));
                }
                if (attempt.hasOutcome()) {
                    ended.add(
                            attempt.getOutcome().toBuilder().setAttempt(ours.id).build());
                }
            } else if (attempt.getEpoch() == cluster.epoch && isSettled(attempt)) {
                settled.add(attempt.getAttempt());
            } else if (attempt.getEpoch() == cluster.epoch) {
                dropped.add(Recovery.name(attempt));
                heldSession(host, attempt).droppedStarted |= Recovery.mayHaveStarted(attempt);
            } else {
                heldSession(host, attempt).attempts.add(attempt);
            }
        }
        cluster.emit(new Decision.Welcome(host.name, dropped));
        for (long attempt : settled) {
            cluster.emit(new Decision.Acknowledge(host.name, attempt));
        }
        introduceAgain(host);
        adoptedAgain.forEach(cluster::emit);
        returnWhatNeverArrived(host, held);
        attempts.ended(host, ended);
        host.shares.values().forEach(share -> Dispatch.recallIfWithoutSlots(cluster, share));
        for (HeldSession session : new ArrayList<>(host.held.values())) {
            recovery.recognise(host, session);
        }
        cluster.listRoom(host);
        cluster.allocationDue = true;
        recovery.attached(host);
    }

    /** What it said the last time is said anew. */
    private void keepWhatItHolds(HostState host, List<SessionHeld> sessions) {
        host.held.values().forEach(held -> cluster.reserve(host, held, 0));
        host.held.clear();
        for (SessionHeld session : sessions) {
            host.held.put(
                    session.getSessionId(),
                    new HeldSession(session.getSessionId(), session.getProcesses(), session.getDroppedStarted()));
        }
    }

    /** That of an attempt; if the host did not say that it has the session, it cannot have kept it all the while. */
    private static HeldSession heldSession(HostState host, AttemptHeld attempt) {
        return host.held.computeIfAbsent(attempt.getSessionId(), id -> new HeldSession(id, 0, true));
    }

    /** Its acknowledgement was lost with the stream before, or its task has ended elsewhere. */
    private boolean isSettled(AttemptHeld held) {
        SessionState session = cluster.sessionsById.get(held.getSessionId());
        return session != null && session.isSettled(held.getSequence());
    }

    private @Nullable Attempt find(HostState host, AttemptHeld held) {
        Attempt attempt = held.getEpoch() == cluster.epoch
                ? cluster.attempts.get(held.getAttempt())
                : host.adopted.get(Recovery.name(held));
        return attempt != null && attempt.share.host == host ? attempt : null;
    }

    /** Whatever was on its way when the old stream broke is said again, as it stands now. */
    private void introduceAgain(HostState host) {
        for (Share share : new ArrayList<>(host.shares.values())) {
            if (share.closing) {
                continue;
            }
            cluster.emit(new Decision.OpenSession(host.name, share.session.number));
            cluster.emit(share.tellQuota());
            share.recount();
            cluster.touch(share.session);
        }
    }

    /**
     * An assignment the host does not speak of was lost on its way there, so it cannot have started: unless the host has
     * given up the session meanwhile, as one does that has waited too long for its coordinator.
     */
    private void returnWhatNeverArrived(HostState host, Set<Long> held) {
        for (Share share : host.shares.values()) {
            boolean givenUp = share.known && !host.held.containsKey(share.session.id);
            attempts.offersLost(share, held, "it had given up the session");
            share.unrecallAll();
            Attempt attempt = share.newest;
            while (attempt != null) {
                Attempt older = attempt.older;
                if (!held.contains(attempt.id) && givenUp) {
                    attempts.lost(attempt, "it had given up the session");
                } else if (!held.contains(attempt.id)) {
                    attempts.returned(attempt);
                } else if (attempt.task.cancelRequested) {
                    cluster.emit(new Decision.CancelAttempt(host.name, attempt.id, attempt.task.cancelEvenIfRunning));
                }
                attempt = older;
            }
        }
    }

    void detach(HostState host) {
        if (host.connected) {
            host.connected = false;
            host.detachedMillis = cluster.nowMillis;
            host.shares.values().forEach(Share::unrecallAll);
            stopTaking(host);
            grants.takeBack(host);
            cluster.wakeAt(host.detachedMillis + cluster.settings.reconnectGraceMillis());
        }
    }

    void drain(HostState host) {
        if (!host.draining) {
            host.draining = true;
            stopTaking(host);
            grants.takeBack(host);
            for (Share share : host.shares.values()) {
                if (!share.closing) {
                    cluster.setSlots(share, 0, share.held, share.held);
                }
            }
        }
    }

    private void stopTaking(HostState host) {
        cluster.listRoom(host);
        for (Share share : host.shares.values()) {
            share.recount();
            cluster.touch(share.session);
        }
    }

    void lose(HostState host, String why) {
        cluster.emit(new Decision.ReleaseHost(host.name, why));
        cluster.hosts.remove(host.name);
        host.connected = false;
        cluster.unlistRoom(host);
        for (Share share : new ArrayList<>(host.shares.values())) {
            share.recount();
            for (Attempt attempt = share.newest; attempt != null; attempt = share.newest) {
                attempts.lost(attempt, why);
            }
            attempts.offersLost(share, Set.of(), why);
            cluster.removeShare(share);
        }
        cluster.allocationDue = true;
    }

    void confirmed(HostState host, List<QuotaConfirmed> confirmations) {
        for (QuotaConfirmed confirmed : confirmations) {
            Share share = cluster.shareAt(host, confirmed.getSession());
            boolean outdated = share != null
                    && confirmed.getRevision() != 0
                    && confirmed.getRevision() != share.revision
                    && !share.closing;
            if (share != null) {
                share.known = true;
            }
            if (share == null || outdated) {
                continue;
            }
            int held = Math.min(share.held, Math.max(share.quota, confirmed.getProcesses()));
            cluster.setSlots(share, share.quota, held, Math.min(share.quickTransit, held - share.quota));
            if (share.closing && held == 0) {
                cluster.removeShare(share);
            }
        }
    }

    void problem(HostState host, SessionProblem problem) {
        Share share = cluster.shareAt(host, problem.getSession());
        if (share == null || share.closing) {
            return;
        }
        SessionState session = share.session;
        if (problem.hasInitializerThrew()) {
            sessions.breakDown(
                    session,
                    "the initializer threw " + problem.getInitializerThrew().getClassName() + " on host " + host.name,
                    problem.getInitializerThrew());
        } else if (!share.isLeftOut()) {
            // Several processes that failed together are one failure: only the first finds the share not yet left out.
            share.problems++;
            session.problems++;
            Exclusion.leaveOut(cluster, share, share.problems);
            Loss loss = problem.hasCodeUnavailable() ? problem.getCodeUnavailable() : problem.getProcessNotReady();
            if (session.problems >= cluster.settings.problemsToBreak() && !anyHostUntried(session)) {
                sessions.breakDown(session, message(host, loss), null);
            }
        }
    }

    /** One that is away for a moment counts until it is lost: it may come back and run everything. */
    private boolean anyHostUntried(SessionState session) {
        for (HostState host : cluster.hosts.values()) {
            Share share = session.shares.get(host);
            if (!host.draining && (share == null || share.problems == 0)) {
                return true;
            }
        }
        return false;
    }

    private static String message(HostState host, Loss loss) {
        StringBuilder message = new StringBuilder(
                        "no worker process can be started on any host; the last try, on host ")
                .append(host.name)
                .append(": ")
                .append(loss.getMessage());
        for (String line : loss.getLastStderrLinesList()) {
            message.append("\n    ").append(line);
        }
        return message.toString();
    }
}
