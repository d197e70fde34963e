package io.farpool.worker.hosting;

import io.farpool.proto.v1.AttemptProgress;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ProcessProgress;
import io.farpool.proto.v1.Quota;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Welcome;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * The host's own scheduler: keeps what the coordinator has assigned, decides which worker processes exist and which runs
 * what, and what the coordinator is told.
 *
 * <p>Pure: each event is a method call, after {@link #timeIs} has said what time it is; {@link #decide} then tells what to
 * do about everything that has happened since it was called last. Events that arrive together should be applied together.
 * Not thread-safe, deterministic, never blocks, never throws on what a peer sends.
 *
 * <pre>
 *   order(Run) ─▶ session's queue ─▶ process's in-flight ─▶ outcome ─▶ held ─▶ acknowledged
 *                     ▲                   │    └─ told by the process, or by its death and its marker
 *                     └── withdrawn, or ──┘
 *                         died unstarted
 * </pre>
 */
public final class HostCore {
    /** An attempt that has run longer is reported as started. */
    static final long STARTED_AFTER_MILLIS = 5;

    private final String host;
    private final HostState state;
    private final Dispatch dispatch;
    private final ProcessRoom room;
    private final Deaths deaths;
    private long arrivals;
    private long epoch;
    private long leaseMillis;
    private long heartbeatMillis = Long.MAX_VALUE;
    private long nextHeartbeatMillis = Long.MAX_VALUE;
    private long detachedMillis;
    /** Without a stream for longer than the lease: what is here may have been given to another host. */
    private boolean fenced;

    private boolean draining;
    private boolean drainedTold;

    /**
     * @param host its name, for the places in outcomes
     * @param limits what it is bound by
     */
    public HostCore(String host, HostLimits limits) {
        this.host = host;
        this.state = new HostState(host, limits);
        this.dispatch = new Dispatch(state);
        this.room = new ProcessRoom(state);
        this.deaths = new Deaths(state, this::hold);
    }

    /** Says what time it is, in milliseconds of a clock that never goes back and is close to the epoch's. */
    public void timeIs(long nowMillis) {
        state.nowMillis = Math.max(state.nowMillis, nowMillis);
    }

    /** When {@link #timePassed} should be called at the latest; {@code Long.MAX_VALUE}: nothing is due. */
    public long wakeAtMillis() {
        return state.wakeAtMillis;
    }

    /** The coordinator this host was last welcomed by; 0: none. */
    public long epoch() {
        return epoch;
    }

    // ------------------------------------------------------------------------------------------ from the coordinator

    /** A new stream begins. Returns the state pages to send on it after the hello. */
    public List<Report> attaching() {
        return state.reports.attach(openSessions(), state.attempts.values(), epoch);
    }

    /** The stream has broken. What runs goes on; past the lease nothing new starts, past the loss time-out everything ends. */
    public void detached() {
        state.reports.detach();
        detachedMillis = state.nowMillis;
        nextHeartbeatMillis = Long.MAX_VALUE;
        if (epoch != 0) {
            state.wakeAt(detachedMillis + leaseMillis);
        }
    }

    /** The coordinator's orders, in the order the contract gives them. Those that name what is not here are answered or ignored. */
    public void order(Order order) {
        if (order.hasWelcome()) {
            welcome(order.getWelcome());
        }
        order.getSessionsOpenedList().forEach(this::open);
        order.getQuotasList().forEach(this::quota);
        order.getRunsList().forEach(this::run);
        order.getRecallsList().forEach(this::recall);
        order.getCancelsList().forEach(this::cancel);
        order.getAcknowledgedList().forEach(this::forget);
        order.getSessionsClosedList().forEach(this::close);
        if (order.getDrain()) {
            drain();
        }
    }

    private void welcome(Welcome welcome) {
        if (welcome.getEpoch() != epoch) {
            endEverything(false);
            state.processes.values().forEach(process -> process.session.endUnconfirmed = false);
            state.reports.clear();
            epoch = welcome.getEpoch();
        }
        leaseMillis = welcome.getLeaseMillis();
        heartbeatMillis = Math.max(100, welcome.getHeartbeatMillis());
        nextHeartbeatMillis = state.nowMillis;
        state.wakeAt(nextHeartbeatMillis);
        fenced = false;
        welcome.getForgetList().forEach(this::forget);
        state.reports.welcome();
        for (HostedSession session : state.sessions.values()) {
            session.quotaUnconfirmed = true;
            touch(session);
        }
        if (draining) {
            state.reports.draining();
        }
    }

    private void open(SessionOpened opened) {
        if (!state.sessions.containsKey(opened.getSession())) {
            HostedSession session = new HostedSession(opened);
            state.sessions.put(opened.getSession(), session);
        }
    }

    private void quota(Quota quota) {
        HostedSession session = state.sessions.get(quota.getSession());
        if (session == null) {
            return;
        }
        session.quota = quota.getProcesses();
        session.quotaRevision = quota.getRevision();
        session.quotaUnconfirmed = true;
        session.chooseRetiring();
        for (HostedProcess process : List.copyOf(session.processes)) {
            if (process.retiring) {
                retire(process);
            }
        }
        touch(session);
    }

    private void retire(HostedProcess process) {
        if (process.isIdle() || process.isStarting()) {
            state.end(process);
        } else {
            process.withdrawLatest(Integer.MAX_VALUE);
        }
    }

    private void run(Run run) {
        if (state.attempts.containsKey(run.getAttempt())) {
            return;
        }
        HostedSession session = state.sessions.get(run.getSession());
        if (session == null || session.closed || session.broken || draining) {
            state.reports.returned(run.getAttempt());
            return;
        }
        SessionProblem.Builder refusal = ProcessRoom.refusal(session, state.limits);
        if (refusal != null) {
            state.reports.problem(refusal);
            state.reports.returned(run.getAttempt());
            return;
        }
        Attempt attempt = new Attempt(session, run, ++arrivals);
        state.attempts.put(attempt.number, attempt);
        session.enqueue(attempt);
        touch(session);
    }

    private void recall(long number) {
        Attempt attempt = state.attempts.get(number);
        if (attempt == null) {
            return;
        }
        switch (attempt.state) {
            case QUEUED -> {
                attempt.session.unqueue(attempt, Attempt.State.GONE);
                giveBack(attempt);
            }
            case SENT -> {
                attempt.recalled = true;
                askBack(attempt);
            }
            case ENDED, GONE -> {}
        }
    }

    private void cancel(CancelAttempt cancel) {
        Attempt attempt = state.attempts.get(cancel.getAttempt());
        if (attempt == null) {
            return;
        }
        switch (attempt.state) {
            case QUEUED -> {
                attempt.session.unqueue(attempt, Attempt.State.ENDED);
                hold(attempt, Outcomes.cancelledBeforeItStarted());
            }
            case SENT -> {
                attempt.cancelled = true;
                askBack(attempt);
                if (cancel.getEvenIfRunning() && attempt.ending == null) {
                    stop(attempt, Attempt.Ending.CANCELLED);
                }
            }
            case ENDED, GONE -> {}
        }
    }

    private static void askBack(Attempt attempt) {
        HostedProcess process = attempt.process;
        if (process != null && !attempt.hasStarted()) {
            process.withdraw(attempt);
        }
    }

    /** Interrupts it, if it runs, and kills its process if that has not ended it within the grace. */
    private void stop(Attempt attempt, Attempt.Ending ending) {
        HostedProcess process = attempt.process;
        if (process == null) {
            return;
        }
        attempt.ending = ending;
        process.interrupt(attempt);
        if (attempt.hasStarted()) {
            attempt.killAtMillis = state.nowMillis + state.limits.killGraceMillis();
            state.wakeAt(attempt.killAtMillis);
        } else {
            state.wakeAt(state.nowMillis + Dispatch.POLL_MILLIS);
        }
    }

    /** The client has its outcome, or nobody wants it any more. One that still runs is stopped and told nothing of. */
    private void forget(long number) {
        Attempt attempt = state.attempts.remove(number);
        if (attempt == null) {
            return;
        }
        HostedSession session = attempt.session;
        switch (attempt.state) {
            case QUEUED -> session.unqueue(attempt, Attempt.State.GONE);
            case SENT -> {
                attempt.cancelled = true;
                askBack(attempt);
                stop(attempt, Attempt.Ending.CANCELLED);
            }
            case ENDED, GONE -> {
                session.heldBytes -= attempt.heldBytes;
                attempt.state = Attempt.State.GONE;
            }
        }
        touch(session);
    }

    private void close(SessionClosed closed) {
        HostedSession session = state.sessions.remove(closed.getSession());
        if (session != null) {
            session.quota = 0;
            session.endUnconfirmed = true;
            end(session, closed.getKill());
        }
    }

    private void end(HostedSession session, boolean kill) {
        session.closed = true;
        state.attempts.values().removeIf(attempt -> attempt.session == session);
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

    /** Takes nothing new from here on; what has not started is handed back. */
    public void drain() {
        if (draining) {
            return;
        }
        draining = true;
        state.reports.draining();
        for (HostedSession session : state.sessions.values()) {
            giveBackQueue(session);
            for (HostedProcess process : session.processes) {
                process.withdrawLatest(Integer.MAX_VALUE);
            }
            touch(session);
        }
    }

    /** The end of a drain's patience, or of the daemon: what still runs is lost with the host, and every process is killed. */
    public void endRunning() {
        drain();
        for (HostedProcess process : List.copyOf(state.processes.values())) {
            endRunning(process);
            process.wanted = false;
            state.kill(process);
        }
    }

    private void endRunning(HostedProcess process) {
        Loss loss = Loss.newBuilder()
                .setCause(Loss.Cause.HOST_LOST)
                .setMessage("the host was shut down while it ran this task")
                .build();
        List<Attempt> unstarted = process.behindRunning();
        for (Attempt attempt : List.copyOf(process.inFlight.values())) {
            process.take(attempt.ordinal);
            if (unstarted.contains(attempt)) {
                giveBack(attempt);
            } else {
                hold(attempt, state.outcomes.lost(attempt, process, loss, state.nowMillis));
            }
        }
    }

    // ------------------------------------------------------------------------------- from processes and their files

    /** The session's class path is here. */
    public void classPathResolved(String sessionId, List<String> classPath) {
        for (HostedSession session : state.sessions.values()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                session.code = HostedSession.Code.HERE;
                session.classPath = List.copyOf(classPath);
                touch(session);
            }
        }
    }

    /** The session's class path cannot be had; it is asked for again when the coordinator sends more. */
    public void classPathFailed(String sessionId, String message) {
        for (HostedSession session : state.sessions.values()) {
            if (session.id.equals(sessionId) && session.code == HostedSession.Code.RESOLVING) {
                session.code = HostedSession.Code.ABSENT;
                state.reports.problem(SessionProblem.newBuilder()
                        .setSession(session.number)
                        .setCodeUnavailable(Loss.newBuilder()
                                .setCause(Loss.Cause.CODE_UNAVAILABLE)
                                .setMessage(message)));
                giveBackQueue(session);
            }
        }
    }

    /** A frame from a process whose token has been checked. What makes no sense in the process's state gets it killed. */
    public void said(long id, FromProcess message) {
        HostedProcess process = state.processes.get(id);
        if (process == null) {
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
        settle(process);
    }

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
            prepare.setInitializer(process.session.spec.getInitializer());
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

    private void prepareFailed(HostedProcess process, Failure failure) {
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
            state.reports.problem(
                    SessionProblem.newBuilder().setSession(session.number).setInitializerThrew(failure));
            giveBackQueue(session);
        }
    }

    private void ended(HostedProcess process, ProcessOutcome said) {
        Attempt attempt = process.take(said.getOrdinal());
        if (attempt == null) {
            return;
        }
        process.done++;
        process.session.taskLength.add(said.getRunNanos());
        hold(attempt, state.outcomes.told(attempt, process, said, state.nowMillis));
        if (!process.inFlight.isEmpty()) {
            state.wakeAt(state.nowMillis + Dispatch.POLL_MILLIS);
        }
    }

    private void withdrawn(HostedProcess process, List<Long> ordinals) {
        List<Attempt> again = new ArrayList<>();
        for (long ordinal : ordinals) {
            Attempt attempt = process.take(ordinal);
            if (attempt != null) {
                process.accepted--;
                handBack(attempt, again);
            }
        }
        process.session.requeue(again);
    }

    /** One that did not start at its process: ends, leaves, or waits again. */
    private void handBack(Attempt attempt, List<Attempt> again) {
        if (attempt.cancelled) {
            hold(attempt, Outcomes.cancelledBeforeItStarted());
        } else if (attempt.recalled || draining || attempt.session.broken) {
            giveBack(attempt);
        } else {
            attempt.unsend();
            again.add(attempt);
        }
    }

    private void progress(HostedProcess process, ProcessProgress said) {
        Attempt attempt = process.inFlight.get(said.getOrdinal());
        if (attempt != null) {
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
        touch(process.session);
    }

    private void becameIdle(HostedProcess process) {
        process.idleSinceMillis = state.nowMillis;
        state.wakeAt(state.nowMillis + state.limits.idleProcessMillis());
    }

    /** Lines that a process has written. */
    public void wrote(long id, List<LogLine> lines) {
        HostedProcess process = state.processes.get(id);
        if (process != null && !process.session.closed) {
            state.reports.log(process.session.number, lines);
        }
    }

    /** The socket of a process is gone, or it spoke nonsense on it, and it has not exited (yet). */
    public void disconnected(long id) {
        HostedProcess process = state.processes.get(id);
        if (process != null && !process.killed) {
            if (process.state == HostedProcess.State.READY) {
                process.state = HostedProcess.State.ENDING;
            }
            process.killAtMillis = Math.min(process.killAtMillis, state.nowMillis + state.limits.killGraceMillis());
            state.wakeAt(process.killAtMillis);
        }
    }

    /** A process could not be launched at all. */
    public void notLaunched(long id, String message) {
        HostedProcess process = state.processes.remove(id);
        if (process != null) {
            process.session.processes.remove(process);
            if (process.wanted) {
                deaths.notReady(
                        process.session,
                        Loss.newBuilder()
                                .setCause(Loss.Cause.PROCESS_NOT_STARTED)
                                .setMessage(message)
                                .build());
                giveBackQueue(process.session);
            }
            gone(process);
        }
    }

    /**
     * A process has exited, and all it said has been handed on.
     *
     * @param marker the ordinal it started last; 0: none
     */
    public void exited(long id, long marker, ProcessExit exit) {
        HostedProcess process = state.processes.remove(id);
        if (process == null) {
            return;
        }
        process.session.processes.remove(process);
        boolean fruitless = Deaths.wasFruitless(process, marker, !process.inFlight.isEmpty());
        List<Attempt> again = new ArrayList<>();
        for (Attempt unstarted : deaths.settle(process, marker, exit)) {
            handBack(unstarted, again);
        }
        process.session.requeue(again);
        if (fruitless) {
            deaths.notReady(process.session, Deaths.neverReady(process, exit));
            giveBackQueue(process.session);
        }
        gone(process);
    }

    private void gone(HostedProcess process) {
        releaseIfGone(process.session);
        touch(process.session);
        state.roomChanged = true;
    }

    private void releaseIfGone(HostedSession session) {
        if (!session.closed || !session.processes.isEmpty()) {
            return;
        }
        if (session.endUnconfirmed) {
            session.endUnconfirmed = false;
            state.reports.confirmed(session);
        }
        if (session.code != HostedSession.Code.ABSENT) {
            session.code = HostedSession.Code.ABSENT;
            state.decisions.add(new HostDecision.ReleaseClassPath(session.id));
        }
    }

    /** The processes whose markers are worth a look; to be told by {@link #markerSeen}. */
    public List<Long> markersToSee() {
        List<Long> worth = new ArrayList<>();
        for (HostedProcess process : state.processes.values()) {
            if (process.needsMarker()) {
                worth.add(process.id);
            }
        }
        return worth;
    }

    /** What a process has started last. */
    public void markerSeen(long id, long ordinal) {
        HostedProcess process = state.processes.get(id);
        Attempt attempt = process == null ? null : process.inFlight.get(ordinal);
        if (process == null || attempt == null) {
            return;
        }
        process.running = attempt;
        if (!attempt.hasStarted()) {
            attempt.startedMillis = state.nowMillis;
            state.wakeAt(attempt.timesOutAtMillis());
            if (attempt.ending != null) {
                attempt.killAtMillis = state.nowMillis + state.limits.killGraceMillis();
                state.wakeAt(attempt.killAtMillis);
            }
        }
    }

    // --------------------------------------------------------------------------------------------------------- time

    /** Does what has fallen due. */
    public void timePassed() {
        state.wakeAtMillis = Long.MAX_VALUE;
        for (HostedProcess process : List.copyOf(state.processes.values())) {
            timePassed(process);
        }
        if (state.reports.stream() == Reports.Stream.NONE) {
            timePassedAlone();
        } else if (state.nowMillis >= nextHeartbeatMillis) {
            heartbeat();
        }
        state.wakeAt(nextHeartbeatMillis);
    }

    private void timePassed(HostedProcess process) {
        long now = state.nowMillis;
        Attempt running = process.running;
        if (running != null) {
            timePassed(process, running);
        }
        if (process.isIdle() && now - process.idleSinceMillis >= state.limits.idleProcessMillis()) {
            state.end(process);
        }
        if (now >= process.killAtMillis) {
            state.kill(process);
        }
        state.wakeAt(process.killAtMillis);
        if (process.isIdle()) {
            state.wakeAt(process.idleSinceMillis + state.limits.idleProcessMillis());
        }
        if (process.needsMarker()) {
            state.wakeAt(now + Dispatch.POLL_MILLIS);
        }
    }

    private void timePassed(HostedProcess process, Attempt running) {
        long now = state.nowMillis;
        long ranMillis = now - running.startedMillis;
        if (ranMillis >= STARTED_AFTER_MILLIS) {
            if (!running.startReported) {
                running.startReported = true;
                if (state.attempts.get(running.number) == running) {
                    state.reports.started(running);
                }
            }
            if (!process.slow && process.session.taskLength.isSlow(ranMillis)) {
                Dispatch.freeFrom(running);
                touch(process.session);
            }
        }
        if (now >= running.timesOutAtMillis()) {
            stop(running, Attempt.Ending.TIMED_OUT);
        }
        if (now >= running.killAtMillis) {
            running.killAtMillis = Long.MAX_VALUE;
            state.kill(process);
        }
        state.wakeAt(running.timesOutAtMillis());
        state.wakeAt(running.killAtMillis);
        if (!process.slow && process.inFlight.size() > 1) {
            state.wakeAt(now + Dispatch.POLL_MILLIS);
        }
    }

    private void timePassedAlone() {
        if (epoch == 0) {
            return;
        }
        if (!fenced && state.nowMillis >= detachedMillis + leaseMillis) {
            fenced = true;
        }
        if (state.nowMillis >= detachedMillis + state.limits.coordinatorLossMillis()) {
            endEverything(false);
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
        for (HostedSession session : state.sessions.values()) {
            queued += session.queued();
        }
        state.reports.load(state.processes.size(), busy, queued + inFlight - busy);
    }

    // ---------------------------------------------------------------------------------------------------- decisions

    /** What to do about everything since the last call. */
    public List<HostDecision> decide() {
        for (HostedSession session : state.touched) {
            if (!fenced) {
                dispatch.run(session);
            }
            if (session.quotaUnconfirmed && !session.closed && session.processes.size() <= session.quota) {
                session.quotaUnconfirmed = false;
                state.reports.confirmed(session);
            }
        }
        state.hungry.addAll(state.touched);
        if (!fenced && (state.roomChanged || !state.touched.isEmpty())) {
            state.roomChanged = false;
            state.touched.clear();
            room.fill();
        }
        state.touched.clear();
        for (HostedProcess process : state.processes.values()) {
            if (process.hasOutgoing()) {
                process.takeOutgoing()
                        .forEach(message -> state.decisions.add(new HostDecision.Send(process.id, message)));
            }
        }
        state.reports.flush(state.decisions);
        if (draining && !drainedTold && state.attempts.isEmpty()) {
            drainedTold = true;
            state.decisions.add(new HostDecision.Drained());
        }
        List<HostDecision> decided = state.decisions;
        state.decisions = new ArrayList<>();
        return decided;
    }

    private void touch(HostedSession session) {
        if (!session.closed) {
            state.touched.add(session);
        }
    }

    /** An attempt has ended; kept until acknowledged, unless nobody wants it. */
    private void hold(Attempt attempt, Outcome outcome) {
        attempt.state = Attempt.State.ENDED;
        attempt.task = null;
        attempt.process = null;
        if (state.attempts.get(attempt.number) == attempt) {
            attempt.outcome = outcome;
            attempt.heldBytes = outcome.getSerializedSize();
            attempt.session.heldBytes += attempt.heldBytes;
            state.reports.outcome(attempt.number, outcome);
        }
    }

    private void giveBack(Attempt attempt) {
        attempt.state = Attempt.State.GONE;
        attempt.task = null;
        attempt.process = null;
        if (state.attempts.remove(attempt.number, attempt)) {
            state.reports.returned(attempt.number);
        }
    }

    private void giveBackQueue(HostedSession session) {
        for (Attempt attempt = session.poll(); attempt != null; attempt = session.poll()) {
            giveBack(attempt);
        }
    }

    private List<HostedSession> openSessions() {
        return List.copyOf(state.sessions.values());
    }

    private void endEverything(boolean kill) {
        for (HostedSession session : openSessions()) {
            end(session, kill);
        }
        state.sessions.clear();
        state.attempts.clear();
    }
}
