package io.farpool.session;

import io.farpool.TaskInfo;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a task's attempts, the oldest first. Thread-safe. Empty costs one object: most tasks are never asked. */
final class TaskStory {
    /** Attempts kept; past it the oldest are dropped. */
    static final int MAX_ATTEMPTS = 32;

    private @Nullable List<TaskInfo.Attempt> attempts;

    synchronized void started(Place place) {
        add(attempt(place, null, null, ""));
    }

    synchronized void ended(Outcome outcome) {
        if (!outcome.hasPlace()) {
            return; // it never started
        }
        Place place = outcome.getPlace();
        if (attempts != null
                && !attempts.isEmpty()
                && attempts.get(attempts.size() - 1).number() == place.getAttempt()) {
            attempts.remove(attempts.size() - 1);
        }
        add(attempt(place, Instant.now(), endingOf(outcome), whyOf(outcome)));
    }

    synchronized List<TaskInfo.Attempt> attempts() {
        return attempts == null ? List.of() : List.copyOf(attempts);
    }

    private void add(TaskInfo.Attempt attempt) {
        if (attempts == null) {
            attempts = new ArrayList<>(1);
        }
        if (attempts.size() == MAX_ATTEMPTS) {
            attempts.remove(0);
        }
        attempts.add(attempt);
    }

    private static TaskInfo.Attempt attempt(
            Place place, @Nullable Instant ended, TaskInfo.@Nullable Ending ending, String why) {
        Instant started =
                place.getStartedEpochMillis() == 0 ? null : Instant.ofEpochMilli(place.getStartedEpochMillis());
        return new TaskInfo.Attempt(place.getAttempt(), place.getHost(), place.getPid(), started, ended, ending, why);
    }

    private static TaskInfo.@Nullable Ending endingOf(Outcome outcome) {
        return switch (outcome.getKindCase()) {
            case RESULT -> TaskInfo.Ending.RESULT;
            case FAILURE -> TaskInfo.Ending.FAILURE;
            case LOSS -> TaskInfo.Ending.LOST;
            case CANCELLED -> TaskInfo.Ending.CANCELLED;
            case TIMED_OUT -> TaskInfo.Ending.TIMED_OUT;
            case KIND_NOT_SET -> null;
        };
    }

    private static String whyOf(Outcome outcome) {
        return switch (outcome.getKindCase()) {
            case FAILURE ->
                outcome.getFailure().getClassName() + ": "
                        + outcome.getFailure().getMessage();
            case LOSS -> outcome.getLoss().getMessage();
            case RESULT, CANCELLED, TIMED_OUT, KIND_NOT_SET -> "";
        };
    }
}
