package io.farpool.worker.hosting;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Everything the parts of the host core share: who is here, what time it is, and what has been decided so far. */
final class HostState {
    final HostLimits limits;
    /** The coordinator, and the clients it speaks for, read this host's files in place, as this host does theirs. */
    final boolean sharesFiles;

    final Reports reports = new Reports();
    final Payloads payloads;
    final Spare spare = new Spare(this);
    final Outcomes outcomes;
    /** By the number that stands for each in this epoch. */
    final Map<Integer, HostedSession> sessions = new LinkedHashMap<>();

    final Map<Long, HostedProcess> processes = new LinkedHashMap<>();
    /** By number, until returned or acknowledged. */
    final Map<Long, Attempt> attempts = new LinkedHashMap<>();
    /** What another coordinator had assigned, and this one has not adopted. */
    final Held held = new Held();
    /** Sessions for which something has changed that may let them run more. */
    final Set<HostedSession> touched = new LinkedHashSet<>();
    /** Sessions that would start a process if there were room. */
    final Set<HostedSession> hungry = new LinkedHashSet<>();

    List<HostDecision> decisions = new ArrayList<>();
    /** A process has gone, so there may be room for another. */
    boolean roomChanged;
    /** Nothing new is taken. */
    boolean draining;

    /** Of the coordinator this host was last welcomed by; 0: none. */
    long epoch;

    long nowMillis;
    /** When to look at the clock again; what falls due later is found then. */
    long wakeAtMillis = Long.MAX_VALUE;

    HostState(String host, HostLimits limits, boolean sharesFiles) {
        this.limits = limits;
        this.sharesFiles = sharesFiles;
        this.payloads = new Payloads(this);
        this.outcomes = new Outcomes(host);
    }

    /** Whether the coordinator knows the attempt by its number, and has not forgotten it. */
    boolean isOurs(Attempt attempt) {
        return attempts.get(attempt.number) == attempt;
    }

    /** Those of this epoch, and those held from another. */
    List<HostedSession> allSessions() {
        List<HostedSession> all = new ArrayList<>(sessions.values());
        all.addAll(held.sessions());
        return all;
    }

    void wakeAt(long millis) {
        wakeAtMillis = Math.min(wakeAtMillis, millis);
    }

    /** When tasks of the session may have started, or taken longer than others: their processes' markers are looked at then. */
    void lookLater(HostedSession session) {
        wakeAt(nowMillis + session.taskLength.lookAfterMillis());
    }

    /** Something has changed that may let the session run more, or have something to confirm. */
    void touch(HostedSession session) {
        if (!session.closed) {
            touched.add(session);
        }
    }

    void kill(HostedProcess process) {
        process.state = HostedProcess.State.ENDING;
        process.killAtMillis = Long.MAX_VALUE;
        if (!process.killed) {
            process.killed = true;
            decisions.add(new HostDecision.Kill(process.id));
        }
        touched.add(process.session);
    }

    /** Ends a process that runs nothing: by asking when it can hear, else by force. */
    void end(HostedProcess process) {
        process.wanted = false;
        if (process.state == HostedProcess.State.READY) {
            process.stop();
            process.state = HostedProcess.State.ENDING;
            process.killAtMillis = nowMillis + limits.killGraceMillis();
            wakeAt(process.killAtMillis);
            touched.add(process.session);
        } else if (process.isStarting()) {
            kill(process);
        }
    }
}
