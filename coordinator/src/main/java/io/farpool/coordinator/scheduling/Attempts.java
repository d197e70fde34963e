package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptProgress;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How attempts end, and what that means for their tasks.
 *
 * <pre>
 *             assigned                     result, failure, timed out, cancelled
 *   queued ───────────────▶ assigned ───────────────────────────────────────────────▶ done
 *     ▲                        │ │                                                      ▲
 *     │                        │ └── with a reference ──▶ offered ── taken, cancelled ──┤
 *     │                        │                             │ lost with its host: as lost below
 *     ├──── returned, no room ─┤ (uses up no attempt)                                   │
 *     └──── lost, retryable ───┴──── lost, with no attempt left, or cancelled ──────────┘
 * </pre>
 * A task whose bytes are not here goes to wanted instead of queued: see {@link TaskState}.
 * An attempt that is not (any more) a task's own changes nothing: its outcome is acknowledged, so that the host
 * forgets it. An offered outcome's payload is still at its host. Its slot is free; how many there may be is bounded by what
 * hosts hold of a session, and by the session's credit.
 */
final class Attempts {
    static final Outcome CANCELLED =
            Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance()).build();

    private final Cluster cluster;
    private final Exclusion exclusion;

    Attempts(Cluster cluster) {
        this.cluster = cluster;
        this.exclusion = new Exclusion(cluster);
    }

    private @Nullable Attempt find(HostState host, long id) {
        Attempt attempt = cluster.attempts.get(id);
        return attempt != null && attempt.share.host == host ? attempt : null;
    }

    void started(HostState host, List<AttemptStarted> reports) {
        for (AttemptStarted report : reports) {
            Attempt attempt = find(host, report.getAttempt());
            if (attempt == null || attempt.ended()) {
                continue;
            }
            attempt.started = true;
            attempt.share.ranMillis = cluster.nowMillis;
            if (attempt.recalled) {
                // It was too late for that one; another may be recalled instead.
                attempt.share.unrecall(attempt);
                cluster.touch(attempt.task.session);
            }
            Place place = Place.newBuilder()
                    .setHost(host.name)
                    .setPid(report.getPid())
                    .setAttempt(attempt.startNumber)
                    .setStartedEpochMillis(report.getStartedEpochMillis())
                    .build();
            cluster.emit(new Decision.ReportStarted(
                    attempt.task.session.number,
                    attempt.task.sequence,
                    attempt.sinceAssigned(place, cluster.nowMillis)));
        }
    }

    void progressed(HostState host, List<AttemptProgress> reports) {
        for (AttemptProgress report : reports) {
            Attempt attempt = find(host, report.getAttempt());
            if (attempt != null && !attempt.ended()) {
                cluster.emit(new Decision.ReportProgress(
                        attempt.task.session.number, attempt.task.sequence, report.getFraction(), report.getMessage()));
            }
        }
    }

    void ended(HostState host, List<AttemptOutcome> outcomes) {
        for (AttemptOutcome outcome : outcomes) {
            ended(host, outcome.getAttempt(), outcome.getOutcome());
        }
    }

    void ended(HostState host, long id, Outcome reported) {
        Attempt attempt = find(host, id);
        if (attempt == null) {
            cluster.emit(new Decision.Acknowledge(host.name, id));
            return;
        }
        if (attempt.offer != null && reported.hasLoss()) {
            // It was adopted from what the host had told before it gave up the session; or its file is gone there.
            cluster.emit(new Decision.Acknowledge(host.name, id));
            lostAs(
                    attempt,
                    "the task had ended on host " + host.name + ", and its outcome was lost: "
                            + reported.getLoss().getMessage());
            return;
        }
        if (attempt.ended()) {
            return;
        }
        if (reported.getLoss().getCause() == Loss.Cause.NO_ROOM && !reported.hasPlace()) {
            noRoom(attempt, reported.getLoss());
            return;
        }
        Outcome outcome = sinceAssigned(attempt, reported);
        TaskState task = attempt.task;
        cluster.release(attempt);
        boolean ran = !outcome.hasCancelled() || outcome.hasPlace();
        if (ran) {
            task.starts = attempt.startNumber;
            attempt.share.ranMillis = cluster.nowMillis;
        }
        if (outcome.hasResult() || outcome.hasFailure()) {
            attempt.share.session.prefetch.observe(outcome.getRunNanos());
            attempt.share.problems = 0;
            attempt.share.session.problems = 0;
            exclusion.ran(attempt.share, task);
        }
        if (mayRetry(task, outcome)) {
            cluster.forget(attempt);
            cluster.emit(new Decision.Acknowledge(host.name, id));
            retry(task, outcome);
        } else if (!isReference(outcome)) {
            complete(task, outcome, attempt);
        } else if (task.cancelRequested) {
            completeWithout(attempt);
        } else {
            attempt.offer = outcome;
            task.attempt = attempt;
            task.state = TaskState.State.OFFERED;
            task.session.offered.put(task.sequence, task);
            task.session.unacknowledgedBytes += keptBytes(outcome);
            exclusion.offered(attempt.share, OfferView.payloadBytes(outcome));
            cluster.emit(offerOf(attempt, outcome));
        }
    }

    /** It has not started. Others are tried, and this host again after a while; the task fails once nobody is left to try. */
    private void noRoom(Attempt attempt, Loss loss) {
        TaskState task = attempt.task;
        Share share = attempt.share;
        cluster.release(attempt);
        cluster.forget(attempt);
        cluster.emit(new Decision.Acknowledge(share.host.name, attempt.id));
        exclusion.noRoom(share, task);
        if (task.cancelRequested) {
            complete(task, CANCELLED, null);
        } else if (exclusion.hasNoRoomAnywhere(share, task)) {
            Loss told = loss.toBuilder()
                    .setMessage("the last one tried was host " + share.host.name + ": " + loss.getMessage())
                    .build();
            complete(task, Outcome.newBuilder().setLoss(told).build(), null);
        } else {
            task.session.enqueue(task);
        }
    }

    private static boolean isReference(Outcome outcome) {
        return outcome.getResult().hasReference()
                || outcome.getFailure().getException().hasReference();
    }

    private static Decision.OfferOutcome offerOf(Attempt attempt, Outcome outcome) {
        return new Decision.OfferOutcome(attempt.task.session.number, attempt.task.sequence, attempt.id, outcome);
    }

    /** Nobody waits for its task any more: its host need not keep what nobody will ever read. */
    private void completeWithout(Attempt attempt) {
        cluster.forget(attempt);
        cluster.emit(new Decision.Acknowledge(attempt.share.host.name, attempt.id));
        complete(attempt.task, CANCELLED, null);
    }

    /** The client has the payloads of these. Those of others, and those withdrawn meanwhile, are ignored. */
    void taken(SessionState session, List<Long> ids) {
        for (long id : ids) {
            Attempt attempt = cluster.attempts.get(id);
            if (attempt != null && attempt.offer != null && attempt.task.session == session) {
                complete(attempt.task, withdraw(attempt), attempt);
            }
        }
    }

    /** Its task may go on without it. */
    private Outcome withdraw(Attempt offered) {
        Outcome offer = Objects.requireNonNull(offered.offer, "not offered");
        offered.offer = null;
        offered.task.attempt = null;
        offered.task.session.offered.remove(offered.task.sequence);
        offered.task.session.unacknowledgedBytes -= keptBytes(offer);
        exclusion.offered(offered.share, -OfferView.payloadBytes(offer));
        cluster.touch(offered.task.session);
        return offer;
    }

    /** A new stream: what it was told on the one before may not have arrived. */
    void offerAgain(SessionState session) {
        for (TaskState task : session.offered.values()) {
            Attempt attempt = task.attempt;
            if (attempt != null && attempt.offer != null) {
                cluster.emit(offerOf(attempt, attempt.offer));
            }
        }
    }

    /** The host has none of these any more, but for those that it said it holds. */
    void offersLost(Share share, Set<Long> held, String why) {
        if (share.session.offered.isEmpty()) {
            return;
        }
        for (TaskState task : new ArrayList<>(share.session.offered.values())) {
            Attempt attempt = task.attempt;
            if (attempt != null && attempt.share == share && !held.contains(attempt.id)) {
                lost(attempt, why);
            }
        }
    }

    /** The session is over, and its hosts are told so. */
    void dropOffers(SessionState session) {
        for (TaskState task : session.offered.values()) {
            Attempt attempt = task.attempt;
            task.finish();
            if (attempt != null && attempt.offer != null) {
                session.unacknowledgedBytes -= keptBytes(attempt.offer);
                attempt.share.offeredBytes -= OfferView.payloadBytes(attempt.offer);
                cluster.forget(attempt);
            }
        }
        session.offered.clear();
    }

    /** Not of a result: most tasks have one, and hardly anybody asks for its story. */
    private Outcome sinceAssigned(Attempt attempt, Outcome outcome) {
        return outcome.hasResult() || !outcome.hasPlace()
                ? outcome
                : outcome.toBuilder()
                        .setPlace(attempt.sinceAssigned(outcome.getPlace(), cluster.nowMillis))
                        .build();
    }

    private static boolean mayRetry(TaskState task, Outcome outcome) {
        if (task.cancelRequested) {
            return false;
        }
        boolean hostLost = outcome.hasLoss() && outcome.getLoss().getCause() == Loss.Cause.HOST_LOST;
        boolean failed = (outcome.hasLoss() && outcome.getLoss().getCause() == Loss.Cause.PROCESS_DIED)
                || (outcome.hasFailure() && outcome.getFailure().getRetryable());
        return (hostLost && task.starts < task.attemptsAfterHostLoss)
                || (failed && task.starts < task.attemptsAfterFailure);
    }

    private void retry(TaskState task, Outcome because) {
        Outcome told = because;
        if (because.hasFailure() && because.getFailure().hasException()) {
            Failure bare = because.getFailure().toBuilder().clearException().build();
            told = because.toBuilder().setFailure(bare).build();
        }
        cluster.emit(new Decision.ReportRetry(task.session.number, task.sequence, task.starts, told));
        task.session.enqueue(task);
    }

    void returned(HostState host, List<Long> ids) {
        // The newest first: the queue takes back what then always belongs before what came back just now.
        for (int i = ids.size() - 1; i >= 0; i--) {
            Attempt attempt = find(host, ids.get(i));
            if (attempt != null && !attempt.ended()) {
                returned(attempt);
            }
        }
    }

    void returned(Attempt attempt) {
        TaskState task = attempt.task;
        cluster.release(attempt);
        cluster.forget(attempt);
        if (task.cancelRequested) {
            complete(task, CANCELLED, null);
        } else {
            task.session.enqueue(task);
        }
    }

    /**
     * The host is gone. What it was told to run counts as started: nobody can tell any more. What still waited for its
     * grant it has never heard of.
     */
    void lost(Attempt attempt, String why) {
        if (!attempt.granted) {
            cluster.takeBack(attempt);
            return;
        }
        String lostWithIt = attempt.offer == null ? "" : "; the task had ended, and its outcome was lost with the host";
        lostAs(attempt, "host " + attempt.share.host.name + " was lost: " + why + lostWithIt);
    }

    private void lostAs(Attempt attempt, String message) {
        TaskState task = attempt.task;
        HostState host = attempt.share.host;
        if (attempt.offer != null) {
            withdraw(attempt);
        } else {
            cluster.release(attempt);
        }
        cluster.forget(attempt);
        task.starts = attempt.startNumber;
        Outcome outcome = Outcome.newBuilder()
                .setLoss(Loss.newBuilder().setCause(Loss.Cause.HOST_LOST).setMessage(message))
                .setPlace(attempt.sinceAssigned(
                        Place.newBuilder()
                                .setHost(host.name)
                                .setAttempt(attempt.startNumber)
                                .build(),
                        cluster.nowMillis))
                .build();
        if (mayRetry(task, outcome)) {
            retry(task, outcome);
        } else {
            complete(task, task.cancelRequested ? CANCELLED : outcome, null);
        }
    }

    void cancel(TaskState task, boolean evenIfRunning) {
        Attempt attempt = task.attempt;
        if (task.done() || (task.cancelRequested && (task.cancelEvenIfRunning || !evenIfRunning))) {
            return;
        }
        task.cancelRequested = true;
        task.cancelEvenIfRunning = evenIfRunning;
        if (task.state == TaskState.State.UNCLAIMED) {
            // A host may be running it; that one is told when it has said so.
            return;
        }
        if (attempt == null) {
            task.session.dequeue(task);
            complete(task, CANCELLED, null);
        } else if (!attempt.granted) {
            cluster.release(attempt);
            cluster.forget(attempt);
            complete(task, CANCELLED, null);
        } else if (attempt.offer != null) {
            withdraw(attempt);
            completeWithout(attempt);
        } else {
            cluster.emit(new Decision.CancelAttempt(attempt.share.host.name, attempt.id, evenIfRunning));
        }
    }

    void complete(TaskState task, Outcome outcome, @Nullable Attempt attempt) {
        SessionState session = task.session;
        if (attempt != null) {
            attempt.finished = true;
        }
        Decision.Complete completion = new Decision.Complete(
                session.number, ++session.completions, task.sequence, outcome, task.starts, !task.counted);
        session.onItsWay(task, false);
        task.finish();
        session.failures += outcome.hasResult() ? 0 : 1;
        session.unfinished--;
        if (task.counted) {
            session.finishedTasks++;
            session.finishedBytes += task.creditBytes;
        }
        session.unacknowledged.add(new SessionState.Unacknowledged(completion, task, attempt));
        session.unacknowledgedBytes += keptBytes(outcome);
        cluster.touch(session);
        cluster.emit(completion);
    }

    /** What an outcome takes here until its client has it. Of an offered one that is the reference, and what a failure says. */
    static long keptBytes(Outcome outcome) {
        return outcome.getSerializedSize();
    }
}
