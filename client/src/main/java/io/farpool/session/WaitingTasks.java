package io.farpool.session;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait at the client for credit: greater priority first, then as they were submitted. Bounded only by the
 * executor's {@code pendingLimit}: that a submit does not block is what the user asked for.
 */
final class WaitingTasks {
    private final TreeMap<Integer, ArrayDeque<TaskFuture<?>>> byPriority = new TreeMap<>(Comparator.reverseOrder());
    private int withdrawn;
    private int size;

    void add(TaskFuture<?> future) {
        byPriority
                .computeIfAbsent(future.priority(), priority -> new ArrayDeque<>())
                .add(future);
        size++;
    }

    /** The next that is still wanted; it stays. */
    @Nullable
    TaskFuture<?> peek() {
        while (!byPriority.isEmpty()) {
            ArrayDeque<TaskFuture<?>> first = byPriority.firstEntry().getValue();
            TaskFuture<?> next = first.peek();
            if (next != null && !next.isWithdrawn()) {
                return next;
            }
            removeFirst();
        }
        return null;
    }

    /** Removes what {@link #peek} has shown. */
    void removeFirst() {
        var entry = byPriority.firstEntry();
        TaskFuture<?> removed = entry.getValue().poll();
        if (removed != null) {
            size--;
            // One that has just been sent may be withdrawn by now, and is not counted then.
            if (removed.isWithdrawn() && !removed.isSent()) {
                withdrawn--;
            }
        }
        if (entry.getValue().isEmpty()) {
            byPriority.remove(entry.getKey());
        }
    }

    /** One that is here has been withdrawn. It is passed over when its turn comes; many of them are swept out before. */
    void withdrawn() {
        withdrawn++;
        if (withdrawn > 1_000 && withdrawn > size / 2) {
            byPriority.values().forEach(queue -> queue.removeIf(TaskFuture::isWithdrawn));
            byPriority.values().removeIf(ArrayDeque::isEmpty);
            size -= withdrawn;
            withdrawn = 0;
        }
    }

    void clear() {
        byPriority.clear();
        size = 0;
        withdrawn = 0;
    }
}
