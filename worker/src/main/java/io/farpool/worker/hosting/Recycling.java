package io.farpool.worker.hosting;

import java.util.ArrayList;
import java.util.List;

/**
 * Watches how much memory processes keep once their tasks have ended. One that keeps more than the limit is replaced, as
 * one is that has run all the tasks it may. What a task holds while it runs is its own business.
 */
final class Recycling {
    static final long LOOK_MILLIS = 1_000;
    /** In a row, each with a task's end before it or none running: a single one may be of what is about to be freed. */
    private static final int LOOKS = 2;

    private final HostState state;
    private long nextLookMillis;

    Recycling(HostState state) {
        this.state = state;
    }

    List<Long> memoryToSee() {
        List<Long> worth = new ArrayList<>();
        if (state.limits.processMemoryBytes() > 0 && state.nowMillis >= nextLookMillis) {
            nextLookMillis = state.nowMillis + LOOK_MILLIS;
            for (HostedProcess process : state.processes.values()) {
                if (process.state == HostedProcess.State.READY && !process.tooLarge) {
                    worth.add(process.id);
                }
            }
        }
        return worth;
    }

    boolean memorySeen(long id, long residentBytes) {
        HostedProcess process = state.processes.get(id);
        if (process == null || process.state != HostedProcess.State.READY || process.tooLarge) {
            return false;
        }
        if (residentBytes <= state.limits.processMemoryBytes()) {
            process.largeLooks = 0;
        } else if (process.done > 0 && (process.isIdle() || process.done != process.doneAtLook)) {
            process.largeLooks++;
        }
        process.doneAtLook = process.done;
        if (process.largeLooks < LOOKS) {
            return false;
        }
        process.tooLarge = true;
        process.withdrawLatest(Integer.MAX_VALUE);
        if (process.isIdle()) {
            state.end(process);
        }
        state.touch(process.session);
        return true;
    }

    void timePassed() {
        if (state.limits.processMemoryBytes() > 0 && !state.processes.isEmpty()) {
            state.wakeAt(Math.max(nextLookMillis, state.nowMillis + 1));
        }
    }
}
