package io.farpool.session;

import io.farpool.BrokenExecutorException;
import io.farpool.bundle.UnreadableEntryException;
import io.grpc.Status;
import java.io.IOException;

/**
 * Which failures of a session's calls another try may mend, and which are final, and how the final ones are told. For a
 * session that nobody has used yet much is final: its user may correct an address or a setting. One that has been open has
 * tasks to lose, so that only what would certainly come again is final.
 */
final class FinalStatuses {
    private FinalStatuses() {}

    /**
     * Whether a stream of an open session has ended in a way that no other try mends. FAILED_PRECONDITION and NOT_FOUND say
     * that the coordinator is another or has forgotten the session, ABORTED that a newer stream took over, and the rest that
     * something between has failed.
     */
    static boolean ofStream(Status status) {
        return switch (status.getCode()) {
            case INVALID_ARGUMENT,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    RESOURCE_EXHAUSTED,
                    UNIMPLEMENTED,
                    OUT_OF_RANGE -> true;
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    ABORTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS -> false;
        };
    }

    /** Whether the first opening has failed for good. */
    static boolean ofFirstOpening(Exception e) {
        return Status.fromThrowable(e).getCode() != Status.Code.UNAVAILABLE;
    }

    /**
     * Whether opening again has failed for good: the session is refused as it is, or its code cannot be read any more.
     * RESOURCE_EXHAUSTED means here that a coordinator has as many sessions as it may have, which passes.
     */
    static boolean ofReopening(Exception e) {
        Status status = Status.fromThrowable(e);
        return switch (status.getCode()) {
            case INVALID_ARGUMENT,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    FAILED_PRECONDITION,
                    UNIMPLEMENTED,
                    OUT_OF_RANGE -> true;
            case UNKNOWN -> e instanceof IOException; // of this machine's files; from elsewhere it comes as a status
            case OK,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS -> false;
        };
    }

    static BrokenExecutorException notOpened(String target, long triedMillis, Exception e) {
        Status status = Status.fromThrowable(e);
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && e instanceof IOException) {
            // It answers, but is slow with the session's files.
            return new BrokenExecutorException("cannot open a session at " + target + ": " + e.getMessage(), e);
        }
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED ->
                new BrokenExecutorException(
                        "no coordinator answers at " + target + " (tried for " + triedMillis + " ms): " + rootMessage(e)
                                + "; is 'farpool coordinator' running there?",
                        e);
            case UNKNOWN ->
                new BrokenExecutorException(
                        "cannot open a session at " + target + ": "
                                + (e instanceof UnreadableEntryException ? e.getMessage() : rootMessage(e)),
                        e);
            default ->
                new BrokenExecutorException(
                        "the coordinator at " + target + " refuses the session: " + status.getDescription(), e);
        };
    }

    static BrokenExecutorException notReopened(String target, String whyLost, Exception e) {
        return new BrokenExecutorException(
                "lost the coordinator at " + target + " (" + whyLost + "), and the session cannot be opened again: "
                        + (e instanceof UnreadableEntryException ? e.getMessage() : rootMessage(e)),
                e);
    }

    static BrokenExecutorException notBackInTime(String target, String whyLost, long timeoutMillis, Exception e) {
        return new BrokenExecutorException(
                "lost the coordinator at " + target + " (" + whyLost + "), and none has come back within "
                        + timeoutMillis + " ms: " + rootMessage(e),
                e);
    }

    /** It opens again and again, and its streams never stay. */
    static BrokenExecutorException notKept(String target, String whyLost, long timeoutMillis) {
        return new BrokenExecutorException("lost the coordinator at " + target + " (" + whyLost
                + "), as each time that the session was opened again within " + timeoutMillis + " ms");
    }

    static BrokenExecutorException streamRefused(String target, Status status) {
        return new BrokenExecutorException(
                "lost the coordinator at " + target + ": " + describe(status), status.asRuntimeException());
    }

    static String describe(Status status) {
        return status.getDescription() == null
                ? status.getCode().toString()
                : status.getCode() + ": " + status.getDescription();
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
