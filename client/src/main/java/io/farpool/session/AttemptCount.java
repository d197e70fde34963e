package io.farpool.session;

import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.Task;
import org.jspecify.annotations.Nullable;

/**
 * What the client counts of one task's attempts, since a coordinator may forget: how many it may have, how many it has used, and
 * to whom the last one was granted. Not thread-safe, as the core it belongs to.
 */
final class AttemptCount {
    /** Starts that a task may have after lost hosts, and after failures, where its message says nothing. */
    private static final int DEFAULT_AFTER_HOST_LOSS = 3;

    private static final int DEFAULT_AFTER_FAILURE = 1;

    private final int afterHostLoss;
    private final int afterFailure;
    private int used;
    /** The newest attempt that is known to have started; 0: none. */
    private int started;

    private @Nullable Grant grant;

    AttemptCount(Task task) {
        this.afterHostLoss = task.getAttemptsAfterHostLoss();
        this.afterFailure = task.getAttemptsAfterFailure();
    }

    int used() {
        return used;
    }

    void started(Place place) {
        atLeast(place.getAttempt() - 1); // a Retry may have been lost with its stream
        started = place.getAttempt();
    }

    void retried(Retry retry) {
        atLeast(retry.getAttemptsUsed());
    }

    /** It may be started for the last time. */
    void granted(Grant newest) {
        atLeast((afterHostLoss == 0 ? DEFAULT_AFTER_HOST_LOSS : afterHostLoss) - 1);
        grant = newest;
    }

    /** Nobody has the task any more. If it had started, that start has come to nothing. */
    void wanted() {
        atLeast(started);
    }

    private void atLeast(int attempts) {
        used = Math.max(used, attempts);
    }

    /** What a coordinator has to know of the task besides that it is pending; null if there is nothing. */
    @Nullable
    PendingTask asPending(long sequence, int priority) {
        Grant given = grant;
        if (used == 0
                && priority == 0
                && (afterHostLoss == 0 || afterHostLoss == DEFAULT_AFTER_HOST_LOSS)
                && (afterFailure == 0 || afterFailure == DEFAULT_AFTER_FAILURE)
                && given == null) {
            return null;
        }
        PendingTask.Builder pending = PendingTask.newBuilder()
                .setSequence(sequence)
                .setAttemptsUsed(used)
                .setPriority(priority)
                .setAttemptsAfterHostLoss(afterHostLoss)
                .setAttemptsAfterFailure(afterFailure);
        if (given != null) {
            pending.setGrant(given);
        }
        return pending.build();
    }
}
