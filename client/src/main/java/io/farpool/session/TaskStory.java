package io.farpool.session;

import io.farpool.TaskInfo;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a task's way: its attempts, and what happened to it, the oldest first. Thread-safe.
 *
 * <p>Most tasks are sent, started and done within milliseconds, and nobody ever asks. Of such a one only the attempt is kept,
 * which says as much.
 */
final class TaskStory {
    /** Attempts kept, and events; past it the oldest are dropped, and the events among them counted. */
    static final int MAX_ENTRIES = 32;

    /** Of an event, and of why an attempt ended; what a task threw may say much more. */
    private static final int MAX_CHARACTERS = 300;

    private final long submittedEpochMillis;
    private @Nullable List<TaskInfo.Attempt> attempts;
    /** From the submission on; null while the attempts say as much. */
    private @Nullable ArrayDeque<TaskInfo.Event> events;

    private int dropped;

    TaskStory(long submittedEpochMillis) {
        this.submittedEpochMillis = submittedEpochMillis;
    }

    synchronized void granted(String host) {
        event(mayStartOn(host));
    }

    private static String mayStartOn(String host) {
        return "may start on " + host + ", for the last time that its attempts allow";
    }

    /** May be told again, by the next coordinator. */
    synchronized void started(Place place) {
        if (runs(place)) {
            return;
        }
        assigned(place);
        event("started in " + place.getHost() + ":" + place.getPid() + " (attempt " + place.getAttempt() + ")");
        add(attempt(place, null, null, ""));
    }

    synchronized void retried(Retry retry) {
        Outcome because = retry.getBecause();
        assigned(because.getPlace());
        event(how(because) + "; is tried again, " + retry.getAttemptsUsed()
                + (retry.getAttemptsUsed() == 1 ? " attempt used" : " attempts used"));
        endAttempt(because);
    }

    synchronized void sentAgain() {
        event("is with no host after a lost connection; is sent again");
    }

    synchronized void ended(Outcome outcome) {
        if (events != null || !outcome.hasResult()) {
            assigned(outcome.getPlace());
            event("done: " + how(outcome));
        }
        endAttempt(outcome);
    }

    /** Told with the attempt's start, or with its end if that is the first that is heard of it. */
    private void assigned(Place place) {
        boolean granted = events != null && events.getLast().what().equals(mayStartOn(place.getHost()));
        if (place.hasAssignedMillisAgo() && !granted && !isTold(place)) {
            event(Instant.now().minusMillis(place.getAssignedMillisAgo()), "assigned to host " + place.getHost());
        }
    }

    private boolean isTold(Place place) {
        return attempts != null
                && !attempts.isEmpty()
                && attempts.get(attempts.size() - 1).number() == place.getAttempt();
    }

    /** Whether this is the attempt that was told last, and is not known to have ended. */
    private boolean runs(Place place) {
        if (attempts == null || attempts.isEmpty()) {
            return false;
        }
        TaskInfo.Attempt last = attempts.get(attempts.size() - 1);
        return last.ended() == null
                && last.number() == place.getAttempt()
                && last.pid() == place.getPid()
                && last.host().equals(place.getHost());
    }

    private void endAttempt(Outcome outcome) {
        if (!outcome.hasPlace()) {
            return; // it never started
        }
        Place place = outcome.getPlace();
        if (isTold(place)) {
            attempts.remove(attempts.size() - 1);
        }
        add(attempt(place, Instant.now(), endingOf(outcome), whyOf(outcome)));
    }

    synchronized List<TaskInfo.Attempt> attempts() {
        return attempts == null ? List.of() : List.copyOf(attempts);
    }

    synchronized List<TaskInfo.Event> events() {
        if (events != null) {
            return List.copyOf(events);
        }
        List<TaskInfo.Event> told = new ArrayList<>();
        told.add(submitted());
        if (attempts != null) {
            for (TaskInfo.Attempt attempt : attempts) {
                if (attempt.ended() != null) {
                    told.add(new TaskInfo.Event(
                            attempt.ended(),
                            "done: returned, in " + attempt.host() + ":" + attempt.pid() + " (attempt "
                                    + attempt.number() + ")"));
                }
            }
        }
        return told;
    }

    /** How many events were dropped. */
    synchronized int dropped() {
        return dropped;
    }

    /** The events, each in a line of its own after a line break, for a message. */
    synchronized String lines() {
        StringBuilder lines = new StringBuilder();
        if (dropped > 0) {
            lines.append("\n  (").append(dropped).append(" older events)");
        }
        for (TaskInfo.Event event : events()) {
            lines.append("\n  ").append(event);
        }
        return lines.toString();
    }

    private TaskInfo.Event submitted() {
        return new TaskInfo.Event(Instant.ofEpochMilli(submittedEpochMillis), "submitted");
    }

    private void event(String what) {
        event(Instant.now(), what);
    }

    private void event(Instant at, String what) {
        if (events == null) {
            events = new ArrayDeque<>(4);
            events.add(submitted());
        }
        if (events.size() == MAX_ENTRIES) {
            events.remove();
            dropped++;
        }
        events.add(new TaskInfo.Event(at, bounded(what)));
    }

    private static String bounded(String words) {
        return words.length() <= MAX_CHARACTERS ? words : words.substring(0, MAX_CHARACTERS) + "…";
    }

    private void add(TaskInfo.Attempt attempt) {
        if (attempts == null) {
            attempts = new ArrayList<>(1);
        }
        if (attempts.size() == MAX_ENTRIES) {
            attempts.remove(0);
        }
        attempts.add(attempt);
    }

    private static TaskInfo.Attempt attempt(
            Place place, @Nullable Instant ended, TaskInfo.@Nullable Ending ending, String why) {
        Instant started =
                place.getStartedEpochMillis() == 0 ? null : Instant.ofEpochMilli(place.getStartedEpochMillis());
        // The host's clock may be ahead of this one.
        Instant notBefore = ended != null && started != null && ended.isBefore(started) ? started : ended;
        return new TaskInfo.Attempt(
                place.getAttempt(), place.getHost(), place.getPid(), started, notBefore, ending, bounded(why));
    }

    private static String how(Outcome outcome) {
        String why = whyOf(outcome);
        Place place = outcome.getPlace();
        String where = place.getHost().isEmpty()
                ? ""
                : " in " + place.getHost() + (place.getPid() == 0 ? "" : ":" + place.getPid());
        String verb =
                switch (outcome.getKindCase()) {
                    case RESULT -> "returned";
                    case FAILURE -> "threw";
                    case LOSS -> "lost";
                    case CANCELLED -> "cancelled";
                    case TIMED_OUT -> "stopped at its timeout";
                    case KIND_NOT_SET -> "ended";
                };
        return verb + where + (why.isEmpty() ? "" : ": " + why);
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
            case LOSS -> lossOf(outcome);
            case RESULT, CANCELLED, TIMED_OUT, KIND_NOT_SET -> "";
        };
    }

    private static String lossOf(Outcome outcome) {
        String message = outcome.getLoss().getMessage();
        return message.isEmpty() ? outcome.getLoss().getCause().toString() : message;
    }
}
