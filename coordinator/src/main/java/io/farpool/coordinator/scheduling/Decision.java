package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler wants done. One for a host or session that has no stream at the moment may be dropped: the
 * scheduler
 * brings the other end up to date when it attaches again.
 */
public sealed interface Decision {

    /** Goes to a host. */
    sealed interface ForHost extends Decision {
        /** The host's name. */
        String host();
    }

    /** Goes to a session's client. */
    sealed interface ForSession extends Decision {
        /** The session's number. */
        int session();
    }

    /**
     * The host is part of the cluster; these attempts of this epoch it holds are nobody's. Comes before anything else
     * for this stream.
     */
    record Welcome(String host, List<AttemptName> dropped) implements ForHost {}

    /** Introduces the session to the host. Comes before anything that names it. */
    record OpenSession(String host, int session) implements ForHost {}

    /** An attempt of another epoch is this one's from here on. */
    record Adopt(String host, AttemptName held, long attempt) implements ForHost {}

    /**
     * An attempt of another epoch that nobody wants: stop and forget it. {@code settled}: the client has its task's
     * completion, so nobody will ask whether it has started.
     */
    record DropAttempt(String host, AttemptName held, boolean settled) implements ForHost {}

    /** So many worker processes of the session may exist on the host from now on. */
    record SetQuota(String host, int session, int processes, int revision) implements ForHost {}

    /** Run this task. */
    record Run(String host, int session, long attempt, int startNumber, Task task) implements ForHost {}

    /** Hand this attempt back if it has not started. */
    record Recall(String host, long attempt) implements ForHost {}

    /** Do not start this attempt, or, if {@code evenIfRunning}, stop it. */
    record CancelAttempt(String host, long attempt, boolean evenIfRunning) implements ForHost {}

    /** The client has this attempt's outcome, or nobody wants it: forget it. */
    record Acknowledge(String host, long attempt) implements ForHost {}

    /** The session is over: end its processes. */
    record CloseSession(String host, int session, boolean kill) implements ForHost {}

    /** The host holds a session that is over and has no number any more. */
    record DropSession(String host, String sessionId) implements ForHost {}

    /** The host is not part of the cluster any more; its stream, if any, ends. */
    record ReleaseHost(String host, String reason) implements ForHost {}

    /** A task has ended. Repeated on a new stream until acknowledged. {@code uncounted}: it is not in its credit. */
    record Complete(int session, long number, long sequence, Outcome outcome, int attempts, boolean uncounted)
            implements ForSession {
        /** One whose bytes had come. */
        Complete(int session, long number, long sequence, Outcome outcome, int attempts) {
            this(session, number, sequence, outcome, attempts, false);
        }
    }

    /** The client may have submitted so much in all. */
    record GrantCredit(int session, long tasks, long payloadBytes) implements ForSession {}

    /** The client is to send these pending tasks again. Repeated on a new stream until they have come. */
    record WantTasks(int session, List<SequenceInterval> wanted) implements ForSession {}

    /** The client's submit stream ends: what was wanted of it may not have arrived, so it says anew what is pending. */
    record RenewSubmission(int session) implements ForSession {}

    /** The client is to say whether this attempt may start. Repeated on a new stream until it has said so. */
    record RequestGrant(int session, long sequence, long attempt, String host, long incarnation)
            implements ForSession {}

    /** Everywhere that something of the session may be. Repeated on a new stream. */
    record TellHosts(int session, List<String> hosts) implements ForSession {}

    /**
     * An attempt has ended with an outcome whose payload is a reference; it completes its task once the client has taken it.
     * Repeated on a new stream until taken. A newer one of the same task, or its completion, withdraws it.
     */
    record OfferOutcome(int session, long sequence, long attempt, Outcome outcome) implements ForSession {}

    /** A task is known to run. */
    record ReportStarted(int session, long sequence, Place place) implements ForSession {}

    /** A task will be started again. */
    record ReportRetry(int session, long sequence, int attemptsUsed, Outcome because) implements ForSession {}

    /** A running task says how far it is. */
    record ReportProgress(int session, long sequence, double fraction, String message) implements ForSession {}

    /** The session can run tasks no more. Repeated on a new stream. */
    record BreakSession(int session, String message, @Nullable Failure failure) implements ForSession {}

    /** The client sent more than its credit; its submit stream ends, and what was beyond the credit is dropped. */
    record RefuseSubmission(int session, String message) implements ForSession {}

    /** The session is over, and its processes are gone unless {@code expired}: its streams end, then with OK. */
    record EndSession(int session, boolean expired) implements ForSession {}
}
