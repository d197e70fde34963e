package io.farpool.session;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait at the client for credit: greater priority first, then as they were submitted. Those that were sent before
 * and are wanted again, and those that have waited for something else, have smaller numbers than many that came meanwhile, and take
 * their turn by them. Bounded only by the executor's {@code
 * pendingLimit}: that a submit does not block is what the user asked for.
 *
 * <p>Whether a task is here is noted in the task ({@link TaskFuture#isWaiting}), and nobody else changes that.
 */
final class WaitingTasks {
    /** Tasks that have left from the middle of a queue before they are swept out together. */
    private static final int MOST_GONE = 1_000;

    private static final Comparator<TaskFuture<?>> MOST_URGENT_FIRST =
            (one, other) -> one.priority() == other.priority()
                    ? Long.compare(one.sequence(), other.sequence())
                    : Integer.compare(other.priority(), one.priority());

    private final TreeMap<Integer, ArrayDeque<TaskFuture<?>>> neverSent = new TreeMap<>(Comparator.reverseOrder());
    private final TreeSet<TaskFuture<?>> outOfTurn = new TreeSet<>(MOST_URGENT_FIRST);
    /** Those in neverSent, with the ones that have gone. */
    private int neverSentSize;

    private int gone;

    void add(TaskFuture<?> future) {
        if (future.isSent()) {
            addOutOfTurn(future);
        } else {
            future.waiting(true);
            neverSent
                    .computeIfAbsent(future.priority(), priority -> new ArrayDeque<>())
                    .add(future);
            neverSentSize++;
        }
    }

    /** Adds one that does not have the greatest number of its priority. */
    void addOutOfTurn(TaskFuture<?> future) {
        future.waiting(true);
        outOfTurn.add(future);
    }

    /** The next that somebody waits for; it stays here. Those before it that a user's thread has just withdrawn leave. */
    @Nullable
    TaskFuture<?> peek() {
        TaskFuture<?> before = peekOutOfTurn();
        TaskFuture<?> never = peekNeverSent();
        if (before == null || never == null) {
            return before == null ? never : before;
        }
        return MOST_URGENT_FIRST.compare(before, never) <= 0 ? before : never;
    }

    private @Nullable TaskFuture<?> peekOutOfTurn() {
        while (!outOfTurn.isEmpty()) {
            TaskFuture<?> first = outOfTurn.first();
            if (!first.isWithdrawn()) {
                return first;
            }
            remove(first);
        }
        return null;
    }

    private @Nullable TaskFuture<?> peekNeverSent() {
        while (!neverSent.isEmpty()) {
            var mostUrgent = neverSent.firstEntry();
            TaskFuture<?> first = mostUrgent.getValue().peek();
            if (first != null && first.isWaiting() && !first.isWithdrawn()) {
                return first;
            }
            if (first != null) {
                mostUrgent.getValue().remove();
                neverSentSize--;
                if (!first.isWaiting()) {
                    gone--;
                }
                first.waiting(false);
            }
            if (mostUrgent.getValue().isEmpty()) {
                neverSent.remove(mostUrgent.getKey());
            }
        }
        return null;
    }

    /** Takes one out; if it is not here, nothing happens. */
    void remove(TaskFuture<?> future) {
        if (!future.isWaiting()) {
            return;
        }
        future.waiting(false);
        if (outOfTurn.remove(future)) {
            return;
        }
        gone++; // it is passed over when its turn comes
        if (gone > MOST_GONE && gone > neverSentSize / 2) {
            neverSent.values().forEach(queue -> queue.removeIf(one -> !one.isWaiting()));
            neverSent.values().removeIf(ArrayDeque::isEmpty);
            neverSentSize -= gone;
            gone = 0;
        }
    }

    /** Takes out all that were sent before. */
    void removeSentBefore() {
        outOfTurn.removeIf(future -> {
            if (future.isSent()) {
                future.waiting(false);
            }
            return future.isSent();
        });
    }

    void clear() {
        neverSent.values().forEach(queue -> queue.forEach(future -> future.waiting(false)));
        neverSent.clear();
        outOfTurn.forEach(future -> future.waiting(false));
        outOfTurn.clear();
        neverSentSize = 0;
        gone = 0;
    }
}
