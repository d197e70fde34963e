package io.farpool.worker.hosting;

import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.TimedOut;

/** Words an attempt's end for the coordinator. */
final class Outcomes {
    private final String host;

    Outcomes(String host) {
        this.host = host;
    }

    Outcome told(Attempt attempt, HostedProcess process, ProcessOutcome said, long nowMillis) {
        Outcome.Builder outcome = Outcome.newBuilder().setRunNanos(said.getRunNanos());
        long startedMillis = nowMillis - said.getRunNanos() / 1_000_000;
        if (attempt.ending != null) {
            stopped(outcome, attempt.ending);
        } else if (said.hasFailure()) {
            outcome.setFailure(said.getFailure());
        } else {
            outcome.setResult(said.getResult());
        }
        return outcome.setPlace(place(attempt, process, startedMillis)).build();
    }

    /** For one whose process has gone while it ran, or that ended without being able to say so. */
    Outcome lost(Attempt attempt, HostedProcess process, Loss loss, long nowMillis) {
        Outcome.Builder outcome = Outcome.newBuilder();
        if (attempt.ending != null) {
            stopped(outcome, attempt.ending);
        } else {
            outcome.setLoss(loss);
        }
        long startedMillis = attempt.hasStarted() ? attempt.startedMillis : nowMillis;
        return outcome.setPlace(place(attempt, process, startedMillis))
                .setRunNanos((nowMillis - startedMillis) * 1_000_000)
                .build();
    }

    /** For one that was to be adopted. */
    static Outcome notHereAnyMore() {
        return Outcome.newBuilder()
                .setLoss(Loss.newBuilder()
                        .setCause(Loss.Cause.HOST_LOST)
                        .setMessage("the host had given up the task's session, and may have run it before"))
                .build();
    }

    /** For one that could not be run without what could not be had. */
    static Outcome notStarted(Loss.Cause cause, String message) {
        return Outcome.newBuilder()
                .setLoss(Loss.newBuilder().setCause(cause).setMessage(message))
                .build();
    }

    /** For one that had ended with a payload which cannot be had from this host any more. */
    static Outcome unreadable(Outcome told, String message) {
        return told.toBuilder()
                .setLoss(Loss.newBuilder().setCause(Loss.Cause.HOST_LOST).setMessage(message))
                .build();
    }

    static Outcome cancelledBeforeItStarted() {
        return Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance()).build();
    }

    /** A death, told as the given cause. */
    static Loss loss(Loss.Cause cause, String message, ProcessExit exit) {
        return Loss.newBuilder()
                .setCause(cause)
                .setMessage(message)
                .setExited(true)
                .setExitCode(exit.code())
                .setSignal(exit.signal())
                .addAllLastStderrLines(exit.lastStderrLines())
                .setOutOfMemory(exit.outOfMemory())
                .build();
    }

    private static void stopped(Outcome.Builder outcome, Attempt.Ending ending) {
        switch (ending) {
            case CANCELLED -> outcome.setCancelled(Cancelled.getDefaultInstance());
            case TIMED_OUT -> outcome.setTimedOut(TimedOut.getDefaultInstance());
        }
    }

    private Place place(Attempt attempt, HostedProcess process, long startedMillis) {
        return Place.newBuilder()
                .setHost(host)
                .setPid(process.pid)
                .setAttempt(attempt.startNumber)
                .setStartedEpochMillis(startedMillis)
                .build();
    }
}
