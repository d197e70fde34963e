package io.farpool.worker.hosting;

import io.farpool.proto.v1.FromProcess;
import org.jspecify.annotations.Nullable;

/**
 * A process that is started before any session wants it, as one is about to: its start then goes on while the session is opened
 * and its first task submitted. The first session that wants a process of its kind gets it. At most one, and no longer than a
 * process may be idle. It counts among the host's processes, and takes one of its slots, once a session has it.
 */
final class Spare {
    private final HostState state;
    /** 0: there is none. */
    private long process;

    private @Nullable ProcessKind kind;
    private @Nullable FromProcess hello;
    private long endAtMillis;

    Spare(HostState state) {
        this.state = state;
    }

    void start(long number, ProcessKind wanted) {
        if (process != 0) {
            throw new IllegalStateException("process " + process + " is a spare already, expected none");
        }
        process = number;
        kind = wanted;
        endAtMillis = state.nowMillis + state.limits.idleProcessMillis();
        state.wakeAt(endAtMillis);
        state.decisions.add(new HostDecision.Launch(number, "", wanted));
    }

    /**
     * Lets a session have it.
     *
     * @return its number; 0 if there is none of that kind
     */
    long takeFor(ProcessKind wanted) {
        if (process == 0 || !wanted.equals(kind)) {
            return 0;
        }
        long taken = process;
        process = 0;
        return taken;
    }

    /** What the one that was taken has said before; null if that is still to come. */
    @Nullable
    FromProcess takeHello() {
        FromProcess said = hello;
        hello = null;
        return said;
    }

    /** Keeps its hello, which a session will answer. Nothing else comes before that. */
    boolean said(long number, FromProcess message) {
        if (!is(number)) {
            return false;
        }
        if (message.hasHello()) {
            hello = message;
        }
        return true;
    }

    /** Without its socket it is of no use. */
    void disconnected(long number) {
        if (is(number)) {
            end();
        }
    }

    /** Nobody will want it, if there is one. */
    void end() {
        if (process != 0) {
            state.decisions.add(new HostDecision.Kill(process));
            forget();
        }
    }

    /** It has exited, or could not be started; why, the session's next process shows. */
    void gone(long number) {
        if (is(number)) {
            forget();
        }
    }

    void wasStopped(long gapMillis) {
        endAtMillis += gapMillis;
    }

    void timePassed() {
        if (state.nowMillis >= endAtMillis) {
            end();
        } else if (process != 0) {
            state.wakeAt(endAtMillis);
        }
    }

    private void forget() {
        process = 0;
        hello = null;
    }

    boolean is(long number) {
        return process != 0 && process == number;
    }
}
