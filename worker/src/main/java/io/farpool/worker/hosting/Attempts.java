package io.farpool.worker.hosting;

import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.CancelAttempt;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attempt's way through the host: taken in or adopted, asked back, cancelled, stopped; and its three ends: an outcome
 * that is held until acknowledged, a return to the coordinator, or being forgotten.
 *
 * <pre>
 *   run ───────────────▶ ┌──────────┐ ◀── adopt ── ┌─────────────┐
 *   recall, cancel ────▶ │   ours   │              │    held     │
 *   acknowledged, drop ▶ │(reported)│ ── another ─▶│(told to none│ ◀── drop
 *                        └──────────┘    epoch     └─────────────┘
 * </pre>
 */
final class Attempts {
    private final HostState state;
    private long arrivals;

    Attempts(HostState state) {
        this.state = state;
    }

    // ----------------------------------------------------------------------------------- what the coordinator orders

    void run(Run run) {
        if (state.attempts.containsKey(run.getAttempt())) {
            return;
        }
        HostedSession session = state.sessions.get(run.getSession());
        if (session == null || session.closed || session.broken || state.draining) {
            state.reports.returned(run.getAttempt());
            return;
        }
        SessionProblem.Builder refusal = ProcessRoom.refusal(session, state.limits);
        if (refusal != null) {
            state.reports.problem(session, refusal);
            state.reports.returned(run.getAttempt());
            return;
        }
        Attempt attempt = new Attempt(session, state.epoch, run, ++arrivals);
        state.attempts.put(attempt.number, attempt);
        if (state.payloads.mustFetch(run.getTask().getPayload())) {
            state.payloads.fetch(attempt);
        } else {
            session.enqueue(attempt);
        }
        state.touch(session);
    }

    void recall(long number) {
        Attempt attempt = state.attempts.get(number);
        if (attempt == null) {
            return;
        }
        switch (attempt.state) {
            case FETCHING -> giveBack(attempt);
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

    void cancel(CancelAttempt cancel) {
        Attempt attempt = state.attempts.get(cancel.getAttempt());
        if (attempt == null) {
            return;
        }
        switch (attempt.state) {
            case FETCHING -> hold(attempt, Outcomes.cancelledBeforeItStarted());
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

    /**
     * What another coordinator had assigned is this one's. Of what is not here any more, what had not started is handed
     * back; anything else may have, and so is lost.
     */
    void adopt(Adoption adoption) {
        long number = adoption.getAttempt();
        if (state.attempts.containsKey(number)) {
            return;
        }
        Held.Name name = Held.Name.of(adoption.getHeld());
        Attempt attempt = take(name);
        if (attempt == null) {
            if (state.held.wasUnstarted(name)) {
                state.reports.returned(number);
            } else {
                state.reports.outcome(number, Outcomes.notHereAnyMore());
            }
            return;
        }
        attempt.epoch = state.epoch;
        attempt.number = number;
        state.attempts.put(number, attempt);
        if (attempt.outcome != null) {
            state.reports.outcome(number, attempt.outcome);
        } else {
            attempt.startReported = false;
            state.lookLater(attempt.session);
        }
    }

    /** Nobody wants it any more. That it may have started is remembered, since nothing else here will say so. */
    void drop(AttemptName dropped) {
        Attempt attempt = take(Held.Name.of(dropped));
        if (attempt != null) {
            attempt.session.droppedStarted |= attempt.mayHaveStarted();
            forget(attempt);
        }
    }

    /** Nobody wants it any more, nor will ask whether it has started: its client has the task's completion. */
    void settle(AttemptName settled) {
        Attempt attempt = take(Held.Name.of(settled));
        if (attempt != null) {
            forget(attempt);
        }
    }

    private @Nullable Attempt take(Held.Name name) {
        return name.epoch() == state.epoch ? state.attempts.remove(name.attempt()) : state.held.take(name);
    }

    /** The client has its outcome. */
    void acknowledged(long number) {
        Attempt attempt = state.attempts.remove(number);
        if (attempt != null) {
            forget(attempt);
        }
    }

    /** One that still runs is stopped and told nothing of. */
    private void forget(Attempt attempt) {
        HostedSession session = attempt.session;
        switch (attempt.state) {
            case FETCHING -> {
                state.payloads.release(attempt);
                attempt.state = Attempt.State.GONE;
            }
            case QUEUED -> {
                state.payloads.release(attempt);
                session.unqueue(attempt, Attempt.State.GONE);
            }
            case SENT -> {
                attempt.cancelled = true;
                askBack(attempt);
                stop(attempt, Attempt.Ending.CANCELLED);
            }
            case ENDED, GONE -> {
                session.heldBytes -= attempt.heldBytes;
                state.payloads.releaseOutcome(attempt);
                attempt.state = Attempt.State.GONE;
            }
        }
        state.touch(session);
    }

    // ------------------------------------------------------------------------------------------------ at its process

    private static void askBack(Attempt attempt) {
        HostedProcess process = attempt.process;
        if (process != null && !attempt.hasStarted()) {
            process.withdraw(attempt);
        }
    }

    /** Interrupts it, if it runs, and kills its process if that has not ended it within the grace. */
    void stop(Attempt attempt, Attempt.Ending ending) {
        HostedProcess process = attempt.process;
        if (process == null) {
            return;
        }
        attempt.ending = ending;
        process.interrupt(attempt);
        if (attempt.hasStarted()) {
            killAfterGrace(attempt);
        } else {
            state.lookLater(attempt.session);
        }
    }

    /** The marker shows that it runs. One that is being stopped gets its grace from here on. */
    void started(Attempt attempt) {
        attempt.startedMillis = state.nowMillis;
        state.wakeAt(attempt.timesOutAtMillis());
        if (attempt.ending != null) {
            killAfterGrace(attempt);
        }
    }

    private void killAfterGrace(Attempt attempt) {
        attempt.killAtMillis = state.nowMillis + state.limits.killGraceMillis();
        state.wakeAt(attempt.killAtMillis);
    }

    // ------------------------------------------------------------------------------------------------- off its process

    /** It did not start at its process: ends, leaves, or is added to those that wait again. */
    void unstarted(Attempt attempt, List<Attempt> again) {
        if (attempt.cancelled) {
            hold(attempt, Outcomes.cancelledBeforeItStarted());
        } else if (attempt.recalled || state.draining || attempt.session.broken) {
            giveBack(attempt);
        } else {
            attempt.unsend();
            again.add(attempt);
        }
    }

    /** It has ended; kept until acknowledged, unless nobody wants it. */
    void hold(Attempt attempt, Outcome outcome) {
        attempt.state = Attempt.State.ENDED;
        attempt.task = null;
        attempt.process = null;
        state.payloads.release(attempt);
        boolean ours = state.isOurs(attempt);
        if (ours || state.held.has(attempt)) {
            Outcome told = state.payloads.keep(attempt, outcome);
            attempt.outcome = told;
            attempt.heldBytes = told.getSerializedSize();
            attempt.session.heldBytes += attempt.heldBytes;
            if (ours) {
                state.reports.outcome(attempt.number, told);
            }
        } else {
            state.payloads.remove(Payloads.reference(outcome));
        }
    }

    /** What its client was to have is lost: the coordinator takes it for an attempt that was. One that has left is ignored. */
    void outcomeUnreadable(long number, String path, String why) {
        Attempt attempt = state.attempts.get(number);
        Outcome told = attempt == null ? null : attempt.outcome;
        if (attempt == null
                || told == null
                || attempt.file == null
                || !attempt.file.getPath().equals(path)) {
            return;
        }
        state.payloads.releaseOutcome(attempt);
        Outcome lost = Outcomes.unreadable(told, why);
        attempt.outcome = lost;
        attempt.session.heldBytes += lost.getSerializedSize() - attempt.heldBytes;
        attempt.heldBytes = lost.getSerializedSize();
        state.reports.outcome(number, lost);
        state.touch(attempt.session);
    }

    /** The coordinator has it again, unless nobody wants it; another one than has assigned it, once it asks. */
    void giveBack(Attempt attempt) {
        attempt.state = Attempt.State.GONE;
        attempt.task = null;
        attempt.process = null;
        state.payloads.release(attempt);
        if (state.attempts.remove(attempt.number, attempt)) {
            state.reports.returned(attempt.number);
            if (state.reports.stream() != Reports.Stream.WELCOMED) {
                state.held.unstarted(attempt);
            }
        } else if (state.held.has(attempt)) {
            state.held.unstarted(attempt);
        }
    }

    /** All of a session's that wait, for their payloads too. */
    void giveBackQueue(HostedSession session) {
        List.copyOf(session.fetching).forEach(this::giveBack);
        for (Attempt attempt = session.poll(); attempt != null; attempt = session.poll()) {
            giveBack(attempt);
        }
    }
}
