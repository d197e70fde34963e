package io.farpool.worker.hosting;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
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
 *                  ▲  ▲                   │    └─ told by the process, or by its death and its marker
 *   payload fetched ┘  └── withdrawn, or ──┘
 *                         died unstarted
 * </pre>
 *
 * <p>This is the door only: each event goes to the part whose business it is, and the parts share a {@link HostState}.
 *
 * <pre>
 *   from the coordinator ─▶ Attachment (welcome, heartbeat, lease)   Sessions (open, quota, close)   Attempts (run .. drop)
 *   from processes ───────▶ Processes (what they say)   Deaths (how they end)
 *   from the clock ───────▶ Watch (what runs)   Recycling (what keeps memory)   Attachment
 *   from the daemon ──────▶ Drain   Sessions (class paths)   Fetching (payloads)   Spare (a process before its session)
 *   decide ───────────────▶ Dispatch (attempts to processes)   ProcessRoom (processes to sessions)   Reports
 * </pre>
 */
public final class HostCore {
    private final HostState state;
    private final Attempts attempts;
    private final Sessions sessions;
    private final Attachment attachment;
    private final Recycling recycling;
    private final Processes processes;
    private final Deaths deaths;
    private final Watch watch;
    private final Drain drain;
    private final Dispatch dispatch;
    private final ProcessRoom room;
    private final Fetching fetching;

    /** For a host that shares no files with its coordinator. */
    public HostCore(String host, HostLimits limits) {
        this(host, limits, false);
    }

    /**
     * @param host its name, for the places in outcomes
     * @param limits what it is bound by
     * @param sharesFiles with its coordinator and all clients, so that large payloads are named by their paths and read in place
     */
    public HostCore(String host, HostLimits limits, boolean sharesFiles) {
        this.state = new HostState(host, limits, sharesFiles);
        this.attempts = new Attempts(state);
        this.sessions = new Sessions(state, attempts);
        this.attachment = new Attachment(state, sessions);
        this.recycling = new Recycling(state);
        this.processes = new Processes(host, state, attempts);
        this.deaths = new Deaths(state, attempts, sessions);
        this.watch = new Watch(state, attempts);
        this.drain = new Drain(state, attempts);
        this.dispatch = new Dispatch(state);
        this.room = new ProcessRoom(state, processes);
        this.fetching = new Fetching(state, attempts);
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
        return state.epoch;
    }

    // ------------------------------------------------------------------------------------------ from the coordinator

    /** The state is wanted on a new stream. Returns the pages to send. */
    public List<Report> attaching() {
        return attachment.attaching();
    }

    /** The stream has broken. What runs goes on; past the lease nothing new starts, past the loss time-out everything ends. */
    public void detached() {
        attachment.detached();
    }

    /** The coordinator's orders, in the order the contract gives them. Those that name what is not here are answered or ignored. */
    public void order(Order order) {
        if (order.hasWelcome()) {
            attachment.welcome(order.getWelcome());
        }
        order.getSessionsOpenedList().forEach(opened -> sessions.open(opened, order.getSessionsClosedList()));
        order.getAdoptedList().forEach(attempts::adopt);
        order.getQuotasList().forEach(sessions::quota);
        order.getRunsList().forEach(attempts::run);
        order.getRecallsList().forEach(attempts::recall);
        order.getCancelsList().forEach(attempts::cancel);
        order.getAcknowledgedList().forEach(attempts::acknowledged);
        order.getDroppedList().forEach(attempts::drop);
        order.getSettledList().forEach(attempts::settle);
        order.getSharedReleasedList().forEach(sessions::releaseShared);
        order.getSessionsClosedList().forEach(sessions::close);
        order.getLogsTakenList().forEach(processes::logTaken);
        order.getPayloadsWantedList().forEach(state.payloads::send);
        if (order.getDrain()) {
            drain();
        }
    }

    // ---------------------------------------------------------------------------------------------- from the daemon

    /** Takes nothing new from here on; what has not started is handed back. */
    public void drain() {
        drain.begin();
    }

    /** The end of a drain's patience, or of the daemon: what still runs is lost with the host, and every process is killed. */
    public void endRunning() {
        drain.begin();
        drain.endRunning();
    }

    /** A session is about to be opened that will want such a process: starts one for it now. Not while there is such a spare. */
    public void startSpare(ProcessKind kind) {
        room.startSpare(kind);
    }

    /** The session's class path is here. */
    public void classPathResolved(String sessionId, List<String> classPath) {
        sessions.classPathResolved(sessionId, classPath);
    }

    /** The session's class path cannot be had; it is asked for again when the coordinator sends more. */
    public void classPathFailed(String sessionId, String message) {
        sessions.classPathFailed(sessionId, message);
    }

    /** The payload of that fetch is here. Told again, or of one that was dropped, it is ignored. */
    public void payloadFetched(long fetch, String path) {
        fetching.fetched(fetch, path);
    }

    /** The payload of that fetch cannot be had. */
    public void payloadFailed(long fetch, PayloadProblem problem, String message) {
        fetching.failed(fetch, problem, message);
    }

    /** The file with the payload of that attempt's outcome is not there, or cannot be read, and its host is all that had it. */
    public void outcomeUnreadable(long attempt, String path, String message) {
        attempts.outcomeUnreadable(attempt, path, message);
    }

    // ------------------------------------------------------------------------------- from processes and their files

    /**
     * A frame from a process whose token has been checked. The files that it names are this host's, and are removed when nobody
     * needs them. What makes no sense in the process's state is ignored.
     */
    public void said(long id, FromProcess message) {
        processes.said(id, message);
    }

    /** Whether lines of a process should be told now. If not, they should wait until lines of its session have been taken. */
    public boolean takesLines(long id) {
        return processes.takesLines(id);
    }

    /** Lines that a process has written. */
    public void wrote(long id, List<LogLine> lines) {
        processes.wrote(id, lines);
    }

    /** The socket of a process is gone, or it spoke nonsense on it, and it has not exited (yet). */
    public void disconnected(long id) {
        deaths.disconnected(id);
    }

    /** A process could not be launched at all. */
    public void notLaunched(long id, String message) {
        deaths.notLaunched(id, message);
    }

    /**
     * A process has exited, and all it said has been handed on.
     *
     * @param marker the ordinal it started last; 0: none
     */
    public void exited(long id, long marker, ProcessExit exit) {
        deaths.exited(id, marker, exit);
    }

    /** The processes whose markers are worth a look; to be told by {@link #markerSeen}. */
    public List<Long> markersToSee() {
        return watch.markersToSee();
    }

    /** What a process has started last. */
    public void markerSeen(long id, long ordinal) {
        watch.markerSeen(id, ordinal);
    }

    /** The processes whose resident memory should be looked at now; to be told by {@link #memorySeen}. */
    public List<Long> memoryToSee() {
        return recycling.memoryToSee();
    }

    /**
     * How much memory a process holds.
     *
     * @return whether it is therefore replaced, as soon as it runs nothing
     */
    public boolean memorySeen(long id, long residentBytes) {
        return recycling.memorySeen(id, residentBytes);
    }

    // --------------------------------------------------------------------------------------------------------- time

    /**
     * Nothing has been told to this core for so long, though there may have been something to tell: the daemon was stopped.
     * Every lease and grace is extended by it. To be called after {@link #timeIs} and before anything else.
     */
    public void wasStopped(long gapMillis) {
        attachment.wasStopped(gapMillis);
        watch.wasStopped(gapMillis);
        state.spare.wasStopped(gapMillis);
    }

    /** Does what has fallen due. */
    public void timePassed() {
        state.wakeAtMillis = Long.MAX_VALUE;
        watch.timePassed();
        state.spare.timePassed();
        recycling.timePassed();
        attachment.timePassed();
    }

    // ---------------------------------------------------------------------------------------------------- decisions

    /** What to do about everything since the last call. */
    public List<HostDecision> decide() {
        boolean mayStart = !attachment.isFenced();
        for (HostedSession session : state.touched) {
            if (mayStart) {
                dispatch.run(session);
            }
            sessions.confirmQuota(session);
        }
        state.hungry.addAll(state.touched);
        if (mayStart && (state.roomChanged || !state.touched.isEmpty())) {
            state.roomChanged = false;
            state.touched.clear();
            room.fill();
        }
        state.touched.clear();
        processes.sendOutgoing();
        state.reports.flush(state.decisions);
        drain.tellOnceDone();
        List<HostDecision> decided = state.decisions;
        state.decisions = new ArrayList<>();
        return decided;
    }
}
