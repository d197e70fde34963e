package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptProgress;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Task;
import java.util.List;

/**
 * What the scheduler is told. Sessions are named by the number their endpoint gave them, hosts by name. Everything
 * here has
 * been validated in form; what names a session or a host the scheduler does not know (any more) is ignored.
 */
public sealed interface Event {

    /** What a client, or the state of its streams, has to say. */
    sealed interface OfSession extends Event {
        /** The number the session was opened under. */
        int session();
    }

    /** What a host, or the state of its stream, has to say. */
    sealed interface OfHost extends Event {
        /** The host's name. */
        String host();
    }

    /**
     * A session begins.
     *
     * @param session its number, never used before
     * @param sessionId its name on the wire
     * @param maxWorkers most worker processes over the whole cluster; 0: no cap
     * @param allAtOnce from its first task on it is given slots that nobody else has a task for, up to its cap
     * @param resuming it was open before, so that hosts may have something of it
     * @param knownHosts when resuming: hosts that may
     */
    record SessionOpened(
            int session, String sessionId, int maxWorkers, boolean allAtOnce, boolean resuming, List<String> knownHosts)
            implements OfSession {
        /** One that was never open before. */
        SessionOpened(int session, String sessionId, int maxWorkers, boolean allAtOnce) {
            this(session, sessionId, maxWorkers, allAtOnce, false, List.of());
        }
    }

    /**
     * The session's streams came or went.
     *
     * @param attached none is missing; else its lease begins
     * @param submitting there is a submit stream
     * @param answering the client can be asked for a grant, and answer: there are both
     */
    record SessionStreams(int session, boolean attached, boolean submitting, boolean answering) implements OfSession {
        /** Both or none. */
        SessionStreams(int session, boolean attached) {
            this(session, attached, attached, attached);
        }
    }

    /**
     * What the client has sent, on whatever stream, and has no completion of.
     *
     * @param pending all of it; bounded by {@link SchedulerSettings#pendingTasks}
     * @param particulars what is to be known of some of it
     */
    record PendingTold(int session, List<SequenceInterval> pending, List<PendingTask> particulars)
            implements OfSession {}

    /** These attempts may start. */
    record AttemptsGranted(int session, List<Long> attempts) implements OfSession {}

    /** A new completions stream: everything the client has not acknowledged is wanted (again). */
    record CompletionsWanted(int session, long acknowledged) implements OfSession {}

    /** Tasks to run. Sequence numbers that are known already are ignored, unless they are wanted. */
    record TasksSubmitted(int session, List<Task> tasks) implements OfSession {}

    /** Tasks not wanted any more. */
    record CancelsRequested(int session, List<Cancel> cancels) implements OfSession {}

    /** The payloads of these attempts' offered outcomes have arrived at the client. */
    record OutcomesTaken(int session, List<Long> attempts) implements OfSession {}

    /** The client has every completion up to this number. */
    record CompletionsAcknowledged(int session, long upTo) implements OfSession {}

    /** No more tasks will come; the session ends once what it has is done and acknowledged. */
    record SessionClosing(int session) implements OfSession {}

    /** The session ends now, and its tasks with it. */
    record SessionEnded(int session, boolean kill) implements OfSession {}

    /**
     * A host's whole state has arrived on a new stream.
     *
     * @param host its name
     * @param incarnation which start of the daemon this is
     * @param slots room for running tasks
     * @param heldResultBytes of one session's outcomes at the host; past it, that one's tasks are not started there
     * @param sessions sessions it has processes or bundles of
     * @param attempts attempts it runs, has still to start, or holds the outcome of
     */
    record HostAttached(
            String host,
            long incarnation,
            int slots,
            long heldResultBytes,
            List<SessionHeld> sessions,
            List<AttemptHeld> attempts)
            implements OfHost {
        /** One that keeps whatever its tasks make. */
        public HostAttached(
                String host, long incarnation, int slots, List<SessionHeld> sessions, List<AttemptHeld> attempts) {
            this(host, incarnation, slots, Long.MAX_VALUE, sessions, attempts);
        }
    }

    /** The host's stream broke; it has the reconnect grace to come back. */
    record HostDetached(String host) implements OfHost {}

    /** The host left for good. */
    record HostLeft(String host) implements OfHost {}

    /** Something, if only its load, was heard from the host. */
    record HostHeard(String host) implements OfHost {}

    /** The host takes nothing new; what it returns and finishes follows. */
    record HostDraining(String host) implements OfHost {}

    /** Attempts that are known to run. */
    record AttemptsStarted(String host, List<AttemptStarted> started) implements OfHost {}

    /** Attempts that ended. */
    record AttemptsEnded(String host, List<AttemptOutcome> outcomes) implements OfHost {}

    /** Attempts handed back before they started. */
    record AttemptsReturned(String host, List<Long> attempts) implements OfHost {}

    /** What running tasks say of themselves. */
    record AttemptsProgressed(String host, List<AttemptProgress> progress) implements OfHost {}

    /** The host is within the quotas it was given. */
    record QuotasConfirmed(String host, List<QuotaConfirmed> quotas) implements OfHost {}

    /** Processes of a session do not come up on the host. */
    record ProblemReported(String host, SessionProblem problem) implements OfHost {}

    /** Nothing happened but time. */
    record TimePassed() implements Event {}

    /**
     * The coordinator itself was stopped for so long (a debugger, a suspended machine): nobody else is to blame for
     * that silence.
     */
    record ClockJumped(long gapMillis) implements Event {}
}
