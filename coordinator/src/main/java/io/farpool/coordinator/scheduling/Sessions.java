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

    Sessions(Cluster cluster, Attempts attempts) {
        this.cluster = cluster;
        this.attempts = attempts;
    }

    void open(Event.SessionOpened opened) {
        SessionState session = new SessionState(opened, cluster.settings, cluster.nowMillis);
        cluster.sessions.put(session.number, session);
        cluster.sessionsById.put(session.id, session);
        cluster.wakeAt(session.detachedMillis + cluster.settings.sessionLeaseMillis());
    }

    void streams(SessionState session, boolean attached) {
        session.attached = attached;
        if (!attached) {
            session.detachedMillis = cluster.nowMillis;
            cluster.wakeAt(session.detachedMillis + cluster.settings.sessionLeaseMillis());
        }
    }

    void submit(SessionState session, List<Task> tasks) {
        if (session.broken != null) {
            return;
        }
        for (Task submitted : tasks) {
            if (session.tasks.containsKey(submitted.getSequence())) {
                continue;
            }
            String excess = beyondCredit(session, TaskState.payloadBytes(submitted));
            if (excess != null) {
                cluster.emit(new Decision.RefuseSubmission(session.number, excess));
                break;
            }
            TaskState task = new TaskState(session, submitted, cluster.settings);
            session.submittedTasks++;
            session.submittedBytes += task.payloadBytes;
            session.unfinished++;
            session.tasks.put(task.sequence, task);
            session.queue.add(task);
        }
        cluster.touch(session);
    }

    private @Nullable String beyondCredit(SessionState session, long bytes) {
        long tasks = creditTasks(session);
        if (session.submittedTasks >= tasks) {
            return "more than the " + tasks + " tasks of the session's credit were submitted";
        }
        if (session.submittedBytes + bytes > creditBytes(session) && session.unfinished > 0) {
            return "a task of " + bytes + " bytes goes beyond the session's credit of " + creditBytes(session)
                    + " bytes, of which " + session.submittedBytes + " are used";
        }
        return null;
    }

    long creditTasks(SessionState session) {
        return cluster.settings.creditTasks() + session.completions;
    }

    long creditBytes(SessionState session) {
        return cluster.settings.creditBytes() + session.finishedBytes;
    }

    /** What has been completed since the client was told last may be submitted anew. */
    void grantCredit(SessionState session) {
        long tasks = creditTasks(session);
        if (session.completions > 0 && tasks != session.creditToldTasks) {
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
            session.unacknowledgedBytes -=
                    Attempts.resultBytes(next.completion().outcome());
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
            cluster.attempts.remove(attempt.id);
            HostState host = attempt.share.host;
            if (cluster.hosts.get(host.name) == host) {
                cluster.emit(new Decision.Acknowledge(host.name, attempt.id));
            }
        }
    }

    /** A new stream: tells it everything that is not acknowledged. */
    void tellAgain(SessionState session, long acknowledged) {
        acknowledge(session, acknowledged);
        for (SessionState.Unacknowledged told : session.unacknowledged) {
            cluster.emit(told.completion());
        }
        session.creditToldTasks = 0;
        grantCredit(session);
        if (session.broken != null) {
            cluster.emit(session.broken);
        }
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
        while (!session.queue.isEmpty()) {
            session.queue.poll();
        }
        session.tasks.clear();
        for (SessionState.Unacknowledged told : session.unacknowledged) {
            session.tasks.put(told.task().sequence, told.task());
        }
        session.unfinished = 0;
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
        for (Share share : new ArrayList<>(session.shares.values())) {
            if (share.closing) {
                continue;
            }
            for (Attempt attempt = share.oldest; attempt != null; attempt = share.oldest) {
                share.remove(attempt);
                attempt.task.finish();
                cluster.attempts.remove(attempt.id);
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
