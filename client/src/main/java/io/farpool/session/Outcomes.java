package io.farpool.session;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenProcessPoolException;
import io.farpool.RemoteTaskException;
import io.farpool.WorkerLostException;
import io.farpool.codec.EncodedThrowable;
import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.SessionBroken;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What came over the wire, as the exceptions of the API. */
final class Outcomes {
    private Outcomes() {}

    /**
     * The exception that an outcome without a result stands for. Decodes the user's classes: not for a transport thread.
     *
     * @param attempts starts in all
     * @param story of the task, for when it was lost
     * @param arrived the file of its large payload
     */
    static Throwable exceptionOf(
            Outcome outcome, int attempts, TaskStory story, PayloadCodec payloads, @Nullable KeptFile arrived) {
        return switch (outcome.getKindCase()) {
            case FAILURE -> placed(decode(outcome.getFailure(), payloads, arrived), outcome.getPlace());
            case LOSS -> lost(outcome.getLoss(), outcome.getPlace(), attempts, story);
            case CANCELLED -> new CancellationException("the task was cancelled");
            case TIMED_OUT ->
                new TimeoutException(
                        "the task ran longer than its timeout" + where(outcome.getPlace()) + " and was stopped");
            case RESULT, KIND_NOT_SET ->
                new IllegalStateException(
                        "the outcome of the task is " + outcome.getKindCase() + ", expected how it failed");
        };
    }

    private static Throwable decode(Failure failure, PayloadCodec payloads, @Nullable KeptFile arrived) {
        EncodedThrowable description =
                new EncodedThrowable(null, failure.getClassName(), failure.getMessage(), failure.getStackTrace());
        return failure.hasException()
                ? payloads.codec().decodeThrowable(description, () -> decode(failure.getException(), payloads, arrived))
                : payloads.codec().decodeThrowable(description);
    }

    /**
     * The value of an outcome's payload.
     *
     * @param arrived its file if it is large
     * @throws IllegalStateException if that is not there
     */
    static @Nullable Object decode(Payload payload, PayloadCodec payloads, @Nullable KeptFile arrived) {
        if (!payload.hasReference()) {
            return payloads.decode(payload);
        }
        if (arrived == null || !PayloadCodec.isOf(arrived.file(), payload.getReference())) {
            throw new IllegalStateException("the task has ended with "
                    + payload.getReference().getSizeBytes()
                    + " bytes that have not arrived here, expected the coordinator to wait until they had");
        }
        return payloads.decode(arrived.file());
    }

    /** Whether an outcome has a payload that travels apart. */
    static boolean isLarge(Outcome outcome) {
        return payloadOf(outcome).hasReference();
    }

    /** The result, or the exception; empty if there is neither. */
    static Payload payloadOf(Outcome outcome) {
        return outcome.hasResult() ? outcome.getResult() : outcome.getFailure().getException();
    }

    /** Adds a last line to the stack trace that says where it was thrown. Exceptions of users may not have it so: then none. */
    static Throwable placed(Throwable thrown, Place place) {
        try {
            StackTraceElement[] trace = thrown.getStackTrace();
            StackTraceElement[] withPlace = Arrays.copyOf(trace, trace.length + 1);
            withPlace[trace.length] = new StackTraceElement(
                    "worker process " + place.getPid() + " on " + place.getHost(),
                    "attempt " + place.getAttempt(),
                    null,
                    -1);
            thrown.setStackTrace(withPlace);
        } catch (Throwable ofItsOwn) {
            // It is what the task threw all the same.
        }
        return thrown;
    }

    private static Throwable lost(Loss loss, Place place, int attempts, TaskStory story) {
        StringBuilder message = new StringBuilder();
        switch (loss.getCause()) {
            case PROCESS_DIED ->
                message.append(
                        loss.getOutOfMemory()
                                ? "the worker process was killed for want of memory while it ran the task"
                                : "the worker process died while it ran the task");
            case HOST_LOST -> message.append("the host was lost while it had the task");
            case PROCESS_NOT_STARTED -> message.append("no worker process could be started for the task");
            case CODE_UNAVAILABLE -> message.append("the task's classes could not be had on any host");
            case UNACCOUNTED -> message.append("the coordinator restarted and nobody knows whether the task ran");
            case NO_ROOM -> message.append("no host has room on its disk for what the task was submitted with");
            case CAUSE_UNSPECIFIED, UNRECOGNIZED -> message.append("the task was lost");
        }
        message.append(where(place));
        if (loss.getExited()) {
            message.append(
                    loss.getSignal() != 0
                            ? ", killed by signal " + loss.getSignal()
                            : ", exit code " + loss.getExitCode());
        }
        if (!loss.getMessage().isEmpty()) {
            message.append(": ").append(loss.getMessage());
        }
        message.append(attempts == 1 ? " (1 attempt)" : " (" + attempts + " attempts)");
        for (String line : loss.getLastStderrLinesList()) {
            message.append("\n  stderr: ").append(line);
        }
        message.append(story.lines());
        boolean signalled = loss.getExited() && loss.getSignal() != 0;
        return new WorkerLostException(
                message.toString(),
                place.getHost(),
                place.getPid(),
                loss.getExited() && !signalled ? loss.getExitCode() : null,
                signalled ? loss.getSignal() : null,
                loss.getLastStderrLinesList(),
                attempts);
    }

    private static String where(Place place) {
        return place.getHost().isEmpty() ? "" : " (" + place.getHost() + ":" + place.getPid() + ")";
    }

    /** Why a session cannot go on. What an initializer threw stands in its own words: the cause is its text. */
    static BrokenExecutorException broken(SessionBroken broken) {
        Throwable cause = broken.hasFailure()
                ? new RemoteTaskException(
                        broken.getFailure().getClassName(),
                        broken.getFailure().getMessage(),
                        broken.getFailure().getStackTrace())
                : null;
        return new BrokenProcessPoolException(broken.getMessage(), cause);
    }

    static BrokenExecutorException endedEarly(int pending) {
        return new BrokenExecutorException(
                "the coordinator ended the session while " + pending + " of its tasks were pending");
    }
}
