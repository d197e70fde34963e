package io.farpool.worker.hosting;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.SessionProblem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which session gets a process. A host never has more of them alive than slots, those being ended included; a
 * session never more than its quota. A {@link Spare} is one more until a session has it. Who has waited longest comes first;
 * for want of room the idle process that has been idle longest, of a session with nothing waiting, is ended.
 */
final class ProcessRoom {
    private final HostState state;
    private final Processes processes;
    private long lastProcess;

    ProcessRoom(HostState state, Processes processes) {
        this.state = state;
        this.processes = processes;
    }

    /** Starts a process that a session will want soon. */
    void startSpare(ProcessKind kind) {
        state.spare.start(++lastProcess, kind);
    }

    /** Starts what is wanted and fits, makes room for what does not. */
    void fill() {
        List<HostedSession> candidates = new ArrayList<>();
        for (HostedSession session : state.hungry) {
            if (session.wanted() > 0) {
                candidates.add(session);
            }
        }
        state.hungry.retainAll(candidates);
        if (candidates.isEmpty()) {
            return;
        }
        candidates.sort(Comparator.comparingLong(ProcessRoom::waitingSince));
        int freeing = 0;
        for (HostedProcess process : state.processes.values()) {
            if (process.state == HostedProcess.State.ENDING) {
                freeing++;
            }
        }
        for (HostedSession session : candidates) {
            boolean codeHere = isCodeHere(session);
            boolean initializerHere = state.payloads.isInitializerHere(session); // both are brought here at once
            if (!codeHere || !initializerHere) {
                continue;
            }
            for (int wanted = session.wanted(); wanted > 0; wanted--) {
                if (state.processes.size() < state.limits.slots()) {
                    launch(session);
                } else if (freeing > 0) {
                    freeing--;
                } else if (!session.isShortOfProcesses()) {
                    break; // no process is ended for one that has nothing to run yet
                } else {
                    HostedProcess idle = longestIdle();
                    if (idle == null) {
                        return;
                    }
                    state.end(idle);
                }
            }
        }
    }

    private boolean isCodeHere(HostedSession session) {
        switch (session.code) {
            case HERE -> {
                return true;
            }
            case RESOLVING -> {
                return false;
            }
            case ABSENT, USED -> {
                session.code = HostedSession.Code.RESOLVING;
                state.decisions.add(new HostDecision.ResolveClassPath(session.id, session.bundle));
                return false;
            }
        }
        throw new AssertionError(session.code);
    }

    private void launch(HostedSession session) {
        ProcessKind kind = new ProcessKind(session.spec, session.classPath, session.bundle.getRuntimeEntries());
        long spare = state.spare.takeFor(kind);
        HostedProcess process = new HostedProcess(spare == 0 ? ++lastProcess : spare, session);
        process.killAtMillis = state.nowMillis + state.limits.connectMillis();
        state.wakeAt(process.killAtMillis);
        state.processes.put(process.id, process);
        session.processes.add(process);
        session.startsAhead = Math.max(0, session.startsAhead - 1);
        session.code = HostedSession.Code.USED;
        if (spare == 0) {
            state.decisions.add(new HostDecision.Launch(process.id, session.id, kind));
            return;
        }
        state.decisions.add(new HostDecision.Assign(process.id, session.id));
        FromProcess hello = state.spare.takeHello();
        if (hello != null) {
            processes.said(process.id, hello);
        }
    }

    private @Nullable HostedProcess longestIdle() {
        HostedProcess longest = null;
        for (HostedProcess process : state.processes.values()) {
            if (process.isIdle()
                    && process.session.queued() == 0
                    && (longest == null || process.idleSinceMillis < longest.idleSinceMillis)) {
                longest = process;
            }
        }
        return longest;
    }

    private static long waitingSince(HostedSession session) {
        Attempt first = session.first();
        return first == null ? Long.MAX_VALUE : first.arrival;
    }

    /** The session's own JDK is unknown; the host's must be able to load its classes. */
    static SessionProblem.@Nullable Builder refusal(HostedSession session, HostLimits limits) {
        int wants = session.spec.getClassFileMajorVersion();
        if (wants <= limits.classFileMajorVersion()
                || !session.spec.getJavaHome().isEmpty()) {
            return null;
        }
        return SessionProblem.newBuilder()
                .setCodeUnavailable(Loss.newBuilder()
                        .setCause(Loss.Cause.CODE_UNAVAILABLE)
                        .setMessage("the code needs a JDK " + (wants - 44) + " or newer, and the host has a JDK "
                                + (limits.classFileMajorVersion() - 44)));
    }
}
