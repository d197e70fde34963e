package io.farpool.worker.payload;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many transfers go on at once, and so many of each session. Who has the fewest comes next, and otherwise who came
 * first. The last quarter of the places is for sessions that have none, so that a few whose peers are slow do not hold up the
 * others. Thread-safe.
 */
public final class Places {
    private final int most;
    private final int mostOfSession;
    private final int kept;

    // Guarded by this.
    /** By session: those that have transfers going on or waiting. */
    private final Map<String, Line> lines = new LinkedHashMap<>();

    private int takenInAll;
    private int waitingInAll;
    private long lastArrival;

    private record Waiting(Line line, BooleanSupplier begin, long arrival) {}

    /** One session's. */
    private static final class Line {
        final String sessionId;
        final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        int taken;

        Line(String sessionId) {
            this.sessionId = sessionId;
        }

        boolean goesBefore(Line other) {
            return taken != other.taken
                    ? taken < other.taken
                    : waiting.element().arrival() < other.waiting.element().arrival();
        }
    }

    /**
     * @param most transfers at once
     * @param mostOfSession of those, of one session
     */
    public Places(int most, int mostOfSession) {
        this.most = most;
        this.mostOfSession = mostOfSession;
        this.kept = most / 4;
    }

    /**
     * Has one begin when there is a place for it: now, or on the thread of who leaves one.
     *
     * @param begin does not wait and does not throw; false: nothing has begun, and the place is free again
     */
    public void enter(String sessionId, BooleanSupplier begin) {
        synchronized (this) {
            Line line = lines.computeIfAbsent(sessionId, Line::new);
            line.waiting.add(new Waiting(line, begin, ++lastArrival));
            waitingInAll++;
        }
        beginNext();
    }

    /** One that has begun has ended. */
    public void leave(String sessionId) {
        giveUp(sessionId);
        beginNext();
    }

    /** One of the session that has entered, and need not begin any more if it has not. */
    synchronized void withdraw(String sessionId, BooleanSupplier begin) {
        Line line = lines.get(sessionId);
        if (line != null && line.waiting.removeIf(each -> each.begin() == begin)) {
            waitingInAll--;
            removeIfEmpty(line);
        }
    }

    synchronized int waiting() {
        return waitingInAll;
    }

    private void beginNext() {
        for (Waiting next = takeNext(); next != null; next = takeNext()) {
            if (!next.begin().getAsBoolean()) {
                giveUp(next.line().sessionId);
            }
        }
    }

    private synchronized @Nullable Waiting takeNext() {
        Line next = null;
        for (Line line : lines.values()) {
            if (!line.waiting.isEmpty() && mayTake(line) && (next == null || line.goesBefore(next))) {
                next = line;
            }
        }
        if (next == null) {
            return null;
        }
        next.taken++;
        takenInAll++;
        waitingInAll--;
        return next.waiting.remove();
    }

    private boolean mayTake(Line line) {
        return line.taken == 0 ? takenInAll < most : line.taken < mostOfSession && takenInAll < most - kept;
    }

    private synchronized void giveUp(String sessionId) {
        Line line = lines.get(sessionId);
        if (line != null) {
            takenInAll--;
            line.taken--;
            removeIfEmpty(line);
        }
    }

    private void removeIfEmpty(Line line) {
        if (line.taken == 0 && line.waiting.isEmpty()) {
            lines.remove(line.sessionId);
        }
    }
}
