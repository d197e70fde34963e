package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The life of sessions: opening, taking tasks within their credit, acknowledgements, breaking, and their end. */
final class Sessions {
    private final Cluster cluster;
    private final Attempts attempts;
    private final Grants grants;
    private final Recovery recovery;

    Sessions(Cluster cluster, Attempts attempts, Grants grants, Recovery recovery) {
        this.cluster = cluster;
        this.attempts = attempts;
        this.grants = grants;
        this.recovery = recovery;
    }

    void open(Event.SessionOpened opened) {
        SessionState session = new SessionState(opened, cluster.settings, cluster.nowMillis);
        cluster.sessions.put(session.number, session);
        cluster.sessionsById.put(session.id, session);
        cluster.wakeAt(session.detachedMillis + cluster.settings.sessionLeaseMillis());
        if (opened.resuming()) {
            recovery.begin(session, opened.knownHosts());
        }
    }

    void streams(SessionState session, Event.SessionStreams streams) {
        boolean answering = streams.answering();
        session.wantedInDoubt |= session.answering && !answering && session.awaitsWanted();
        session.submitting = streams.submitting();
        session.pendingTold &= session.submitting;
        session.wantedInDoubt &= session.pendingTold;
        if (session.answering != answering) {
            session.answering(answering);
            if (!answering) {
                grants.takeBack(session);
            } else if (session.wantedInDoubt) {
                cluster.emit(new Decision.RenewSubmission(session.number));
            }
            cluster.touch(session);
        }
        session.attached = streams.attached();
        if (!session.attached) {
            session.detachedMillis = cluster.nowMillis;
            cluster.wakeAt(session.detachedMillis + cluster.settings.sessionLeaseMillis());
        }
    }

    void submit(SessionState session, List<Task> tasks) {
        if (session.broken != null) {
            return;
        }
        for (Task submitted : tasks) {
            TaskState task = session.tasks.get(submitted.getSequence());
            if (task != null && (!task.asked || task.done())) {
                // Of one that is done the client was told that it does not count.
                continue;
            }
            String excess = beyondCredit(session, TaskState.creditBytes(submitted));
            if (excess != null) {
                cluster.emit(new Decision.RefuseSubmission(session.number, excess));
                break;
            }
            if (task == null) {
                task = new TaskState(session, submitted, cluster.settings);
                session.unfinished++;
                session.tasks.put(task.sequence, task);
                session.enqueue(task);
            } else {
                come(task, submitted);
            }
            task.counted = true;
            session.submittedTasks++;
            session.submittedBytes += task.creditBytes;
        }
        cluster.touch(session);
    }

    /** Its bytes were wanted. Meanwhile a host that attached late may have had it. */
    private void come(TaskState task, Task submitted) {
        task.session.onItsWay(task, false);
        Attempt attempt = task.attempt;
        if (attempt != null && attempt.ended()) {
            task.fill(submitted, cluster.settings);
        } else if (attempt != null) {
            long before = task.transferBytes;
            task.fill(submitted, cluster.settings);
            attempt.share.outstandingBytes += task.transferBytes - before;
        } else {
            task.session.dequeue(task);
            task.fill(submitted, cluster.settings);
            task.session.enqueue(task);
        }
    }

    private @Nullable String beyondCredit(SessionState session, long bytes) {
        long tasks = creditTasks(session);
        if (session.submittedTasks >= tasks) {
            return "more than the " + tasks + " tasks of the session's credit were submitted";
        }
        if (session.submittedBytes + bytes > creditBytes(session) && session.submittedTasks > session.finishedTasks) {
            return "a task of " + bytes + " bytes goes beyond the session's credit of " + creditBytes(session)
                    + " bytes, of which " + session.submittedBytes + " are used";
        }
        return null;
    }

    long creditTasks(SessionState session) {
        return cluster.settings.creditTasks() + session.finishedTasks;
    }

    long creditBytes(SessionState session) {
        return cluster.settings.creditBytes() + session.finishedBytes;
    }

    /** What has been completed since the client was told last may be submitted anew. */
    void grantCredit(SessionState session) {
        long tasks = creditTasks(session);
        if (session.finishedTasks > 0 && tasks != session.creditToldTasks) {
            session.creditToldTasks = tasks;
            cluster.emit(new Decision.GrantCredit(session.number, tasks, creditBytes(session)));
        }
    }

    void cancel(SessionState session, List<Cancel> cancels) {
        for (Cancel cancel : cancels) {
            TaskState task = session.tasks.get(cancel.getSequence());
            if (task != null) {
                attempts.cancel(task, cancel.getEvenIfRunning());
            }
        }
    }

    void acknowledge(SessionState session, long upTo) {
        boolean any = false;
        for (var next = session.unacknowledged.peek();
                next != null && next.completion().number() <= upTo;
                next = session.unacknowledged.peek()) {
            session.unacknowledged.remove();
            session.unacknowledgedBytes -= Attempts.keptBytes(next.completion().outcome());
            session.tasks.remove(next.task().sequence);
            forget(next.attempt());
            any = true;
        }
        if (any) {
            cluster.touch(session);
            endIfDone(session);
        }
    }

    private void forget(@Nullable Attempt attempt) {
        if (attempt != null) {
            cluster.forget(attempt);
            HostState host = attempt.share.host;
            if (cluster.hosts.get(host.name) == host) {
                cluster.emit(new Decision.Acknowledge(host.name, attempt.id));
            }
        }
    }

    /** A new stream: tells it everything that is not acknowledged. */
    void tellAgain(SessionState session, long acknowledged) {
        if (session.submitting && !session.pendingTold) {
            session.acknowledgedAhead = acknowledged;
        } else {
            acknowledge(session, acknowledged);
        }
        for (SessionState.Unacknowledged told : session.unacknowledged) {
            if (told.completion().number() > acknowledged) {
                cluster.emit(told.completion());
            }
        }
        attempts.offerAgain(session);
        session.creditToldTasks = 0;
        grantCredit(session);
        if (session.broken != null) {
            cluster.emit(session.broken);
        }
        session.hostsChanged = true;
        cluster.touch(session);
    }

    void close(SessionState session) {
        session.closing = true;
        endIfDone(session);
    }

    private void endIfDone(SessionState session) {
        if (session.closing && session.unfinished == 0 && session.unacknowledged.isEmpty()) {
            end(session, false, false);
        }
    }

    /**
     * It can run nothing more. Its client is told, its processes end; what was told before can still be acknowledged.
     */
    void breakDown(SessionState session, String message, @Nullable Failure failure) {
        if (session.broken != null) {
            return;
        }
        session.broken = new Decision.BreakSession(session.number, message, failure);
        cluster.emit(session.broken);
        leaveHosts(session, false);
        session.dropTasks();
        cluster.touch(session);
        endIfDone(session);
    }

    void end(SessionState session, boolean kill, boolean expired) {
        for (SessionState.Unacknowledged told : session.unacknowledged) {
            forget(told.attempt());
        }
        session.unacknowledged.clear();
        leaveHosts(session, kill);
        cluster.sessions.remove(session.number);
        cluster.sessionsById.remove(session.id);
        cluster.touch(session);
        if (expired || session.shares.isEmpty()) {
            cluster.emit(new Decision.EndSession(session.number, expired));
        } else {
            session.ending = true;
        }
    }

    /**
     * Ends the session's processes everywhere. Its slots are free for others once each host has confirmed, and what those
     * processes printed last has come before that.
     */
    private void leaveHosts(SessionState session, boolean kill) {
        recovery.forget(session);
        attempts.dropOffers(session);
        for (Share share : new ArrayList<>(session.shares.values())) {
            if (share.closing) {
                continue;
            }
            for (Attempt attempt = share.oldest; attempt != null; attempt = share.oldest) {
                share.remove(attempt);
                attempt.task.finish();
                cluster.forget(attempt);
            }
            share.closing = true;
            share.closingUntilMillis = cluster.nowMillis + cluster.settings.sessionEndGraceMillis();
            cluster.wakeAt(share.closingUntilMillis);
            cluster.setSlots(share, 0, share.held, share.held);
            cluster.emit(share.tellQuota());
            cluster.emit(new Decision.CloseSession(share.host.name, session.number, kill));
            if (share.held == 0) {
                cluster.removeShare(share);
            }
        }
    }
}
