package io.farpool;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a task at one moment.
 *
 * @param id names the task in messages and logs; empty for a future that belongs to no executor
 * @param name the name given in {@link TaskOptions#name(String)}, or empty
 * @param state where its future stands
 * @param attempts its starts so far, the oldest first; a short task's attempt may be known only once it has ended
 * @param story what has happened to it, the oldest first: at most 32 events. Submitted, assigned to a host, started, lost or
 *     thrown and tried again, done; of a task that returned within moments only that it was submitted, and is done
 * @param eventsDropped how many more there were, older than these
 */
public record TaskInfo(
        String id, String name, State state, List<Attempt> attempts, List<Event> story, int eventsDropped) {

    /** The states of a future, as Python names them. */
    public enum State {
        /** Not known to have started. */
        PENDING,
        /** Known to run. */
        RUNNING,
        /** Cancelled. */
        CANCELLED,
        /** It has a result or an exception. */
        FINISHED
    }

    /** How an attempt ended. */
    public enum Ending {
        /** The task returned. */
        RESULT,
        /** The task threw. */
        FAILURE,
        /** Its process or host died. */
        LOST,
        /** It was stopped because the future was cancelled. */
        CANCELLED,
        /** It was stopped because it took longer than its options allow. */
        TIMED_OUT
    }

    /**
     * One try at running the task.
     *
     * @param number 1 for the first
     * @param host the name of the host
     * @param pid the id of the worker process on that host
     * @param started when it started, by the host's clock, or null if that is not known
     * @param ended when it was known here to have ended, though never before it started, or null while it has not
     * @param ending how it ended, or null while it has not
     * @param why more about that in words; may be empty
     */
    public record Attempt(
            int number,
            String host,
            long pid,
            @Nullable Instant started,
            @Nullable Instant ended,
            @Nullable Ending ending,
            String why) {}

    /**
     * Something that happened to the task, as this program was told.
     *
     * @param at when, by this program's clock
     * @param what in words, such as {@code started in node-1:4711 (attempt 1)}
     */
    public record Event(Instant at, String what) {
        @Override
        public String toString() {
            return at.truncatedTo(ChronoUnit.MILLIS) + " " + what;
        }
    }

    /**
     * Keeps copies of the lists.
     *
     * @param id names the task
     * @param name its name, or empty
     * @param state where its future stands
     * @param attempts its starts so far
     * @param story what has happened to it
     * @param eventsDropped how many older events there were
     */
    public TaskInfo {
        attempts = List.copyOf(attempts);
        story = List.copyOf(story);
    }

    /**
     * What is known of a task that has no story.
     *
     * @param id names the task
     * @param name its name, or empty
     * @param state where its future stands
     * @param attempts its starts so far
     */
    public TaskInfo(String id, String name, State state, List<Attempt> attempts) {
        this(id, name, state, attempts, List.of(), 0);
    }
}
