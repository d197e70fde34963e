package io.farpool.worker.hosting;

import java.util.ArrayList;
import java.util.List;

/**
 * Watches what processes run, by their markers and the clock: reports starts, stops what has run too long, ends what has
 * been idle too long, and kills what has outlived its grace.
 */
final class Watch {
    /** An attempt that has run longer is reported as started. For shorter ones that would double the messages. */
    private static final long STARTED_AFTER_MILLIS = 20;

    /** One that has run longer may be keeping others from running. */
    private static final long SLOW_AFTER_MILLIS = 5;

    private final HostState state;
    private final Attempts attempts;

    Watch(HostState state, Attempts attempts) {
        this.state = state;
        this.attempts = attempts;
    }

    List<Long> markersToSee() {
        List<Long> worth = new ArrayList<>();
        for (HostedProcess process : state.processes.values()) {
            if (process.needsMarker()) {
                worth.add(process.id);
            }
        }
        return worth;
    }

    void markerSeen(long id, long ordinal) {
        HostedProcess process = state.processes.get(id);
        Attempt attempt = process == null ? null : process.inFlight.get(ordinal);
        if (process == null || attempt == null) {
            return;
        }
        process.running = attempt;
        if (!attempt.hasStarted()) {
            attempts.started(attempt);
        }
    }

    void timePassed() {
        for (HostedProcess process : List.copyOf(state.processes.values())) {
            timePassed(process);
        }
    }

    /**
     * Nobody watched for so long. What was to be given a grace gets it in full. A time-out goes on counting, as the task
     * went on running; but what it has said meanwhile is heard first.
     */
    void wasStopped(long gapMillis) {
        for (HostedProcess process : state.processes.values()) {
            process.killAtMillis = later(process.killAtMillis, gapMillis);
            process.idleSinceMillis += gapMillis;
            for (Attempt attempt : process.inFlight.values()) {
                attempt.killAtMillis = later(attempt.killAtMillis, gapMillis);
                attempt.notTimedOutBeforeMillis = state.nowMillis + state.limits.killGraceMillis();
            }
        }
    }

    private static long later(long atMillis, long byMillis) {
        return atMillis == Long.MAX_VALUE ? atMillis : atMillis + byMillis;
    }

    private void timePassed(HostedProcess process) {
        long now = state.nowMillis;
        Attempt running = process.running;
        if (running != null) {
            timePassed(process, running);
        }
        long endsAtMillis = process.idleSinceMillis + state.limits.idleProcessMillis();
        if (process.isIdle() && now < endsAtMillis) {
            state.wakeAt(endsAtMillis);
        } else if (process.isIdle() && process.session.hasProcessToSpare()) {
            state.end(process);
        }
        if (now >= process.killAtMillis) {
            state.kill(process);
        }
        state.wakeAt(process.killAtMillis);
        if (process.needsMarker()) {
            state.lookLater(process.session);
        }
    }

    private void timePassed(HostedProcess process, Attempt running) {
        long now = state.nowMillis;
        long ranMillis = now - running.startedMillis;
        if (ranMillis >= STARTED_AFTER_MILLIS) {
            reportStarted(running);
        } else {
            state.wakeAt(running.startedMillis + STARTED_AFTER_MILLIS);
        }
        if (ranMillis >= SLOW_AFTER_MILLIS && !process.slow && process.session.taskLength.isSlow(ranMillis)) {
            Dispatch.freeFrom(running);
            state.touch(process.session);
        }
        if (now >= running.timesOutAtMillis()) {
            attempts.stop(running, Attempt.Ending.TIMED_OUT);
        }
        if (now >= running.killAtMillis) {
            running.killAtMillis = Long.MAX_VALUE;
            state.kill(process);
        }
        state.wakeAt(running.timesOutAtMillis());
        state.wakeAt(running.killAtMillis);
        if (!process.slow && process.inFlight.size() > 1) {
            state.lookLater(process.session);
        }
    }

    /** Once; not for one that nobody wants any more. */
    private void reportStarted(Attempt running) {
        if (!running.startReported) {
            running.startReported = true;
            if (state.isOurs(running)) {
                state.reports.started(running);
            }
        }
    }
}
