package io.farpool.worker.payload;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many transfers go on at once, and so many of each session, so that one session whose peer is slow does not hold
 * up the others'; otherwise in the order in which they came. Thread-safe.
 */
final class Places {
    private final int most;
    private final int mostOfSession;

    // Guarded by this.
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Map<String, Integer> taken = new LinkedHashMap<>();
    private int takenInAll;

    private record Waiting(String sessionId, BooleanSupplier begin) {}

    Places(int most, int mostOfSession) {
        this.most = most;
        this.mostOfSession = mostOfSession;
    }

    /**
     * Has one begin when there is a place for it: now, or on the thread of who leaves one.
     *
     * @param begin does not wait and does not throw; false: nothing has begun, and the place is free again
     */
    void enter(String sessionId, BooleanSupplier begin) {
        synchronized (this) {
            waiting.add(new Waiting(sessionId, begin));
        }
        beginNext();
    }

    /** One that has begun has ended. */
    void leave(String sessionId) {
        giveUp(sessionId);
        beginNext();
    }

    /** One that has entered, and need not begin any more if it has not. */
    synchronized void withdraw(BooleanSupplier begin) {
        waiting.removeIf(each -> each.begin() == begin);
    }

    synchronized int waiting() {
        return waiting.size();
    }

    private void beginNext() {
        for (Waiting next = takeNext(); next != null; next = takeNext()) {
            if (!next.begin().getAsBoolean()) {
                giveUp(next.sessionId());
            }
        }
    }

    private synchronized @Nullable Waiting takeNext() {
        if (takenInAll == most) {
            return null;
        }
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting candidate = each.next();
            int its = taken.getOrDefault(candidate.sessionId(), 0);
            if (its < mostOfSession) {
                each.remove();
                taken.put(candidate.sessionId(), its + 1);
                takenInAll++;
                return candidate;
            }
        }
        return null;
    }

    private synchronized void giveUp(String sessionId) {
        takenInAll--;
        taken.computeIfPresent(sessionId, (session, count) -> count == 1 ? null : count - 1);
    }
}
