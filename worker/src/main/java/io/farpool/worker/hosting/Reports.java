package io.farpool.worker.hosting;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptProgress;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects what the coordinator is to be told, into as few messages as their size permits, and knows when it may be: from
 * its welcome on. What a state page tells anyway (started, outcomes) is not collected while there is no stream; log lines
 * and progress are dropped then; what is handed back and what went wrong is kept, which is bounded by what was assigned.
 */
final class Reports {
    /** Whether there is a stream, and whether its welcome has come. */
    enum Stream {
        NONE,
        ATTACHING,
        WELCOMED
    }

    private Stream stream = Stream.NONE;
    private final List<Report> full = new ArrayList<>();
    private Report.Builder next = Report.newBuilder();
    private long nextBytes;
    private boolean hasNext;
    /** Only the newest of each attempt is of interest. */
    private final Map<Long, AttemptProgress> progress = new LinkedHashMap<>();

    Stream stream() {
        return stream;
    }

    /** The state is wanted on a new stream: these pages, which may go before the welcome, tell all of the state, whoever assigned it. */
    List<Report> attach(Iterable<HostedSession> sessions, Iterable<Attempt> attempts) {
        stream = Stream.ATTACHING;
        dropWhatStateTells();
        List<Report> pages = new ArrayList<>();
        Report.Builder page = Report.newBuilder();
        long pageBytes = 0;
        for (HostedSession session : sessions) {
            SessionHeld held = SessionHeld.newBuilder()
                    .setSessionId(session.id)
                    .setProcesses(Math.max(session.quota, session.processes.size()))
                    .setDroppedStarted(session.droppedStarted)
                    .build();
            page.addSessions(held);
            pageBytes += held.getSerializedSize();
        }
        for (Attempt attempt : attempts) {
            AttemptHeld held = held(attempt);
            if (pageBytes > 0 && pageBytes + held.getSerializedSize() > Protocol.BATCH_BYTES) {
                pages.add(page.build());
                page = Report.newBuilder();
                pageBytes = 0;
            }
            page.addAttempts(held);
            pageBytes += held.getSerializedSize();
        }
        pages.add(page.setStateComplete(true).build());
        return pages;
    }

    void welcome() {
        stream = Stream.WELCOMED;
    }

    void detach() {
        stream = Stream.NONE;
        dropWhatStateTells();
    }

    /** Forgets everything: the coordinator that it was for has gone. */
    void clear() {
        full.clear();
        progress.clear();
        begin();
    }

    void started(Attempt attempt) {
        HostedProcess process = attempt.process;
        if (stream != Stream.NONE && process != null) {
            open(32).addStarted(AttemptStarted.newBuilder()
                    .setAttempt(attempt.number)
                    .setPid(process.pid)
                    .setStartedEpochMillis(attempt.startedMillis));
        }
    }

    void outcome(long attempt, Outcome outcome) {
        progress.remove(attempt);
        if (stream != Stream.NONE) {
            open(outcome.getSerializedSize() + 16L)
                    .addOutcomes(AttemptOutcome.newBuilder().setAttempt(attempt).setOutcome(outcome));
        }
    }

    void returned(long attempt) {
        open(10).addReturned(attempt);
    }

    void confirmed(HostedSession session) {
        open(12).addQuotasConfirmed(QuotaConfirmed.newBuilder()
                .setSession(session.number)
                .setProcesses(session.quota)
                .setRevision(session.quotaRevision));
    }

    /** Of a session that is held nobody is told: what has gone wrong will again, when somebody wants it. */
    void problem(HostedSession session, SessionProblem.Builder problem) {
        if (session.number == 0) {
            return;
        }
        SessionProblem built = problem.setSession(session.number).build();
        open(built.getSerializedSize()).addProblems(built);
    }

    void log(HostedSession session, List<LogLine> lines) {
        if (stream != Stream.WELCOMED || session.number == 0) {
            lines.forEach(line -> session.logLinesDropped += 1 + line.getDroppedBefore());
            return;
        }
        SessionLog.Builder log =
                SessionLog.newBuilder().setSession(session.number).addAllLines(lines);
        if (session.logLinesDropped > 0) {
            LogLine.Builder first = log.getLinesBuilder(0);
            first.setDroppedBefore(first.getDroppedBefore() + session.logLinesDropped);
            session.logLinesDropped = 0;
        }
        long bytes = log.build().getSerializedSize();
        session.logBytes += bytes;
        open(bytes).addLogs(log.setBytes(bytes));
    }

    void progress(AttemptProgress of) {
        if (stream == Stream.WELCOMED) {
            progress.put(of.getAttempt(), of);
        }
    }

    void load(int processes, int running, int prefetched) {
        open(16).getLoadBuilder().setProcesses(processes).setRunning(running).setPrefetched(prefetched);
    }

    void draining() {
        open(2).setDraining(true);
    }

    /** Hands on what has been collected, once it may be told. */
    void flush(List<HostDecision> decisions) {
        if (stream != Stream.WELCOMED) {
            return;
        }
        progress.values().forEach(each -> open(each.getSerializedSize()).addProgress(each));
        progress.clear();
        seal();
        full.forEach(report -> decisions.add(new HostDecision.Tell(report)));
        full.clear();
    }

    private static AttemptHeld held(Attempt attempt) {
        AttemptHeld.Builder held = AttemptHeld.newBuilder()
                .setSessionId(attempt.session.id)
                .setSequence(attempt.sequence)
                .setEpoch(attempt.epoch)
                .setAttempt(attempt.number)
                .setStartNumber(attempt.startNumber)
                .setRunning(attempt.state == Attempt.State.SENT && attempt.hasStarted());
        Outcome outcome = attempt.outcome;
        if (outcome != null) {
            held.setOutcome(
                    AttemptOutcome.newBuilder().setAttempt(attempt.number).setOutcome(outcome));
        }
        return held.build();
    }

    private void dropWhatStateTells() {
        seal();
        List<Report> kept = new ArrayList<>(full);
        full.clear();
        progress.clear();
        for (Report report : kept) {
            Report rest = report.toBuilder()
                    .clearStarted()
                    .clearOutcomes()
                    .clearLogs()
                    .clearLoad()
                    .build();
            if (rest.getSerializedSize() > 0) {
                full.add(rest);
            }
        }
    }

    private Report.Builder open(long bytes) {
        if (hasNext && nextBytes + bytes > Protocol.BATCH_BYTES) {
            seal();
        }
        hasNext = true;
        nextBytes += bytes;
        return next;
    }

    private void seal() {
        if (hasNext) {
            full.add(next.build());
            begin();
        }
    }

    private void begin() {
        next = Report.newBuilder();
        nextBytes = 0;
        hasNext = false;
    }
}
