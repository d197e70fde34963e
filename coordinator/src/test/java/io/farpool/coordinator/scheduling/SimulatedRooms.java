package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.SessionHeld;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a simulated host has of each session: room for its processes, and its attempts, by the names that they go by now. */
final class SimulatedRooms {
    /** An attempt that is here. */
    static final class Held {
        final String session;
        final long sequence;
        final int startNumber;
        /** Its payload is here, or came with it. */
        boolean fetched;

        boolean running;

        @Nullable
        Outcome outcome;

        Held(String session, long sequence, int startNumber, boolean fetched) {
            this.session = session;
            this.sequence = sequence;
            this.startNumber = startNumber;
            this.fetched = fetched;
        }

        boolean mayStart() {
            return fetched && !mayHaveStarted();
        }

        boolean mayHaveStarted() {
            return running || outcome != null;
        }
    }

    /** What a session has of this host. */
    static final class Room {
        /** At the coordinator of now; 0: not introduced. */
        int number;

        int quota;
        int revision;
        boolean unconfirmed;
        /** When it was confirmed first to the coordinator of now; -1: not yet. */
        long confirmedMillis = -1;

        boolean droppedStarted;
        int starting;
        int idle;
        int running;

        int processes() {
            return starting + idle + running;
        }
    }

    private final Map<String, Room> rooms = new LinkedHashMap<>();
    private final Map<AttemptName, Held> attempts = new LinkedHashMap<>();
    /** Sessions that were given up when something of them might have started. */
    private final Set<String> endedStarted = new HashSet<>();

    // ------------------------------------------------------------------------------------------------ rooms

    void open(String session, int number) {
        Room room = rooms.computeIfAbsent(session, s -> new Room());
        room.droppedStarted |= endedStarted.contains(session);
        room.number = number;
    }

    @Nullable
    Room room(int number) {
        return rooms.values().stream()
                .filter(room -> room.number == number)
                .findFirst()
                .orElse(null);
    }

    @Nullable
    Room room(String session) {
        return rooms.get(session);
    }

    Optional<String> sessionOf(int number) {
        return rooms.entrySet().stream()
                .filter(entry -> entry.getValue().number == number)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    Collection<Room> all() {
        return rooms.values();
    }

    void forEach(BiConsumer<String, Room> each) {
        rooms.forEach(each);
    }

    /** Nothing of it has been told to the coordinator of now. */
    void coordinatorIsNew() {
        rooms.values().forEach(room -> {
            room.number = 0;
            room.revision = 0;
            room.unconfirmed = false;
            room.confirmedMillis = -1;
        });
    }

    @Nullable
    Room close(String session) {
        Room room = rooms.remove(session);
        attempts.values().removeIf(held -> held.session.equals(session));
        return room;
    }

    /** Ends all sessions, and keeps in mind of which something might have started. */
    void giveUp() {
        attempts.values().stream().filter(Held::mayHaveStarted).forEach(held -> endedStarted.add(held.session));
        rooms.forEach((session, room) -> {
            if (room.droppedStarted) {
                endedStarted.add(session);
            }
        });
        rooms.clear();
        attempts.clear();
    }

    /** The machine is gone. */
    void clear() {
        rooms.clear();
        attempts.clear();
        endedStarted.clear();
    }

    void processGone(Held held) {
        Room room = rooms.get(held.session);
        if (room != null && room.running > 0) {
            room.running--;
        }
    }

    // ------------------------------------------------------------------------------------------------ attempts

    @Nullable
    Held attempt(AttemptName name) {
        return attempts.get(name);
    }

    Collection<Held> allAttempts() {
        return attempts.values();
    }

    void put(AttemptName name, Held held) {
        attempts.put(name, held);
    }

    /** Null if there is none of that name. */
    @Nullable
    Held rename(AttemptName from, AttemptName to) {
        Held held = attempts.remove(from);
        if (held != null) {
            attempts.put(to, held);
        }
        return held;
    }

    /** What it is called now; null when it was forgotten. */
    @Nullable
    AttemptName nameOf(Held held) {
        return attempts.entrySet().stream()
                .filter(entry -> entry.getValue() == held)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    /** Removes those of these that have not started. */
    List<AttemptName> takeUnstarted(Predicate<AttemptName> names, Predicate<Held> which) {
        List<AttemptName> taken = attempts.entrySet().stream()
                .filter(entry -> names.test(entry.getKey())
                        && !entry.getValue().mayHaveStarted()
                        && which.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        taken.forEach(attempts::remove);
        return taken;
    }

    void forget(AttemptName attempt) {
        Held held = attempts.remove(attempt);
        if (held != null && held.running) {
            processGone(held);
        }
    }

    /** Forgets it, but not that it may have started. */
    void drop(AttemptName dropped) {
        Held held = attempts.get(dropped);
        if (held != null && held.mayHaveStarted()) {
            Room room = rooms.get(held.session);
            if (room != null) {
                room.droppedStarted = true;
            }
        }
        forget(dropped);
    }

    // ------------------------------------------------------------------------------------------------ telling of it

    List<SessionHeld> sessionsHeld() {
        List<SessionHeld> sessions = new ArrayList<>();
        rooms.forEach((session, room) -> sessions.add(SessionHeld.newBuilder()
                .setSessionId(session)
                .setProcesses(Math.max(room.quota, room.processes()))
                .setDroppedStarted(room.droppedStarted)
                .build()));
        return sessions;
    }

    List<AttemptHeld> attemptsHeld() {
        List<AttemptHeld> held = new ArrayList<>();
        attempts.forEach((name, attempt) -> {
            AttemptHeld.Builder message = AttemptHeld.newBuilder()
                    .setSessionId(attempt.session)
                    .setSequence(attempt.sequence)
                    .setStartNumber(attempt.startNumber)
                    .setEpoch(name.getEpoch())
                    .setAttempt(name.getAttempt())
                    .setRunning(attempt.running);
            if (attempt.outcome != null) {
                message.setOutcome(AttemptOutcome.newBuilder()
                        .setAttempt(name.getAttempt())
                        .setOutcome(attempt.outcome));
            }
            held.add(message.build());
        });
        return held;
    }

    void describe(StringBuilder state) {
        rooms.forEach((session, room) -> state.append(' ')
                .append(session)
                .append(" as ")
                .append(room.number)
                .append(" quota ")
                .append(room.quota)
                .append(" starting ")
                .append(room.starting)
                .append(" idle ")
                .append(room.idle)
                .append(" running ")
                .append(room.running));
        attempts.forEach((attempt, held) -> state.append(' ')
                .append(attempt.getEpoch())
                .append('/')
                .append(attempt.getAttempt())
                .append(held.running ? "R" : held.outcome != null ? "E" : "Q"));
    }

    int processes() {
        return rooms.values().stream().mapToInt(Room::processes).sum();
    }

    int processesOf(String session) {
        Room room = rooms.get(session);
        return room == null ? 0 : room.processes();
    }

    /** What it may have of them by what it was told last, by whomever. */
    int mostProcessesOf(String session) {
        Room room = rooms.get(session);
        return room == null ? 0 : Math.max(room.quota, room.processes());
    }

    /** Whether slots are held for a session that nobody has opened at this coordinator. */
    boolean holdUnclaimed() {
        return rooms.values().stream().anyMatch(room -> room.number == 0);
    }

    int attempts() {
        return attempts.size();
    }

    boolean isEmpty() {
        return rooms.isEmpty() && attempts.isEmpty();
    }
}
