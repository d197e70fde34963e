package io.farpool.worker.hosting;

import io.farpool.proto.v1.AttemptProgress;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.LogTaken;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ProcessProgress;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * What is said between the host and its worker processes while they live. Their launch is {@link ProcessRoom}'s business,
 * their end that of {@link Deaths}.
 */
final class Processes {
    /** Lines of a session on their way to its client. */
    static final long LOG_WINDOW_BYTES = 1 << 20;

    private final String host;
    private final HostState state;
    private final Attempts attempts;

    Processes(String host, HostState state, Attempts attempts) {
        this.host = host;
        this.state = state;
        this.attempts = attempts;
    }

    void said(long id, FromProcess message) {
        HostedProcess process = state.processes.get(id);
        if (process == null) {
            if (!state.spare.said(id, message)) {
                state.payloads.removeAll(message);
            }
            return;
        }
        if (message.hasHello()) {
            hello(process, message.getHello());
        }
        if (message.hasPrepareFailed()) {
            prepareFailed(process, message.getPrepareFailed());
        }
        if (message.getReady()) {
            ready(process);
        }
        for (ProcessOutcome outcome : message.getOutcomesList()) {
            ended(process, outcome);
        }
        if (message.getWithdrawnCount() > 0) {
            withdrawn(process, message.getWithdrawnList());
        }
        if (message.hasProgress()) {
            progress(process, message.getProgress());
        }
        for (Digest wanted : message.getBlobsWantedList()) {
            boolean keep = !process.wasReleasedMeanwhile(wanted);
            state.decisions.add(new HostDecision.FetchShared(process.session.id, process.id, wanted, keep));
        }
        settle(process);
    }

    // ------------------------------------------------------------------------------------------------------ its start

    private void hello(HostedProcess process, ProcessHello hello) {
        process.pid = hello.getPid();
        if (process.state != HostedProcess.State.LAUNCHED) {
            return;
        }
        process.state = HostedProcess.State.PREPARING;
        process.killAtMillis = Long.MAX_VALUE;
        Prepare.Builder prepare = Prepare.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setSessionId(process.session.id)
                .setHost(host);
        if (process.session.spec.hasInitializer()) {
            prepare.setInitializer(process.session.initializer);
        }
        process.outgoing().setPrepare(prepare);
    }

    private void ready(HostedProcess process) {
        if (process.state == HostedProcess.State.PREPARING) {
            process.state = HostedProcess.State.READY;
            process.wasReady = true;
            becameIdle(process);
        }
    }

    private void prepareFailed(HostedProcess process, Failure said) {
        // Of no attempt, so there is nobody who could ask for it.
        PayloadReference large = Payloads.reference(said);
        Failure failure =
                large == null ? said : said.toBuilder().clearException().build();
        state.payloads.remove(large);
        if (!process.isStarting()) {
            return;
        }
        HostedSession session = process.session;
        process.wanted = false;
        process.state = HostedProcess.State.ENDING;
        process.killAtMillis = state.nowMillis + state.limits.killGraceMillis();
        state.wakeAt(process.killAtMillis);
        if (!session.broken && !session.closed) {
            session.broken = true;
            state.reports.problem(session, SessionProblem.newBuilder().setInitializerThrew(failure));
            attempts.giveBackQueue(session);
        }
    }

    // ------------------------------------------------------------------------------------------------------ its tasks

    private void ended(HostedProcess process, ProcessOutcome said) {
        Attempt attempt = process.take(said.getOrdinal());
        if (attempt == null || attempt.ending != null) {
            state.payloads.remove(Payloads.reference(said));
        }
        if (attempt == null) {
            return;
        }
        process.done++;
        process.session.taskLength.add(said.getRunNanos());
        attempts.hold(attempt, state.outcomes.told(attempt, process, said, state.nowMillis));
        if (!process.inFlight.isEmpty()) {
            state.lookLater(process.session);
        }
    }

    private void withdrawn(HostedProcess process, List<Long> ordinals) {
        List<Attempt> again = new ArrayList<>();
        for (long ordinal : ordinals) {
            Attempt attempt = process.take(ordinal);
            if (attempt != null) {
                process.accepted--;
                attempts.unstarted(attempt, again);
            }
        }
        process.session.requeue(again);
    }

    private void progress(HostedProcess process, ProcessProgress said) {
        Attempt attempt = process.inFlight.get(said.getOrdinal());
        if (attempt != null && state.isOurs(attempt)) {
            state.reports.progress(AttemptProgress.newBuilder()
                    .setAttempt(attempt.number)
                    .setFraction(said.getFraction())
                    .setMessage(said.getMessage())
                    .build());
        }
    }

    /** After something was taken off a process: it may be idle, worn out, or one too many. */
    private void settle(HostedProcess process) {
        if (process.isIdle()) {
            if (process.retiring || process.isWornOut()) {
                state.end(process);
            } else {
                becameIdle(process);
            }
        }
        state.touch(process.session);
    }

    private void becameIdle(HostedProcess process) {
        process.idleSinceMillis = state.nowMillis;
        state.wakeAt(state.nowMillis + state.limits.idleProcessMillis());
    }

    // ----------------------------------------------------------------------------------------------- what they write

    /** Past the window its session's client, and nobody else, is waited for; of a held session, whoever opens it; of a spare, its session. */
    boolean takesLines(long id) {
        HostedProcess process = state.processes.get(id);
        if (process == null) {
            return !state.spare.is(id);
        }
        return process.session.logBytes < LOG_WINDOW_BYTES && !state.held.has(process.session);
    }

    void wrote(long id, List<LogLine> lines) {
        HostedProcess process = state.processes.get(id);
        if (process != null && !lines.isEmpty() && (!process.session.closed || process.session.endUnconfirmed)) {
            state.reports.log(process.session, lines);
        }
    }

    void logTaken(LogTaken taken) {
        HostedSession session = state.sessions.get(taken.getSession());
        if (session != null) {
            logTaken(session, taken);
        } else {
            for (HostedProcess process : state.processes.values()) {
                if (process.session.number == taken.getSession() && process.session.endUnconfirmed) {
                    logTaken(process.session, taken);
                    break;
                }
            }
        }
    }

    private static void logTaken(HostedSession session, LogTaken taken) {
        session.logBytes = Math.max(0, session.logBytes - Math.max(0, taken.getBytes()));
    }

    // -------------------------------------------------------------------------------------------------------- to them

    /** Decides to send what has been gathered for each. */
    void sendOutgoing() {
        for (HostedProcess process : state.processes.values()) {
            if (process.hasOutgoing()) {
                process.takeOutgoing()
                        .forEach(message -> state.decisions.add(new HostDecision.Send(process.id, message)));
            }
        }
    }
}
