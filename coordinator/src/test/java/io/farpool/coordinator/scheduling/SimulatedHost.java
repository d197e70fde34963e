package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionProblem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A daemon as the coordinator sees it, with all that may go wrong: dead processes, broken streams, crashes, draining.
 */
final class SimulatedHost {
    private static final int PROCESS_START_MILLIS = 30;

    private static final class Held {
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

    private static final class Room {
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

    final String name;
    final int slots;
    final SimulatedLink link;
    private final Simulation simulation;
    private long incarnation = 1;
    private boolean alive = true;
    private boolean welcomed;
    /** Since its stream began, its welcome has been sent: what is decided before that has no stream to go on. */
    private boolean welcomeSent;

    private boolean draining;
    private long epoch;
    private final Map<String, Room> rooms = new LinkedHashMap<>();
    private final Map<AttemptName, Held> attempts = new LinkedHashMap<>();
    /** Sessions that it gave up when something of them might have started. */
    private final Set<String> endedStarted = new HashSet<>();

    SimulatedHost(Simulation simulation, String name, int slots) {
        this.simulation = simulation;
        this.name = name;
        this.slots = slots;
        link = new SimulatedLink(simulation, this::obey);
    }

    // ------------------------------------------------------------------------------------------------ its life

    void attach() {
        if (!alive || link.up()) {
            return;
        }
        link.connect();
        welcomeSent = false;
        List<SessionHeld> sessions = new ArrayList<>();
        rooms.forEach((session, room) -> sessions.add(SessionHeld.newBuilder()
                .setSessionId(session)
                .setProcesses(Math.max(room.quota, room.processes()))
                .setDroppedStarted(room.droppedStarted)
                .build()));
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
        link.toScheduler(new Event.HostAttached(name, incarnation, slots, sessions, held));
        heartbeat(incarnation);
        if (!simulation.calm) {
            planTrouble();
        }
    }

    private void heartbeat(long life) {
        if (incarnation == life && link.up()) {
            link.toScheduler(new Event.HostHeard(name));
            simulation.after(400, () -> heartbeat(life));
        }
    }

    private void planTrouble() {
        long when = 200L + simulation.random.nextInt(4_000);
        int kind = simulation.random.nextInt(6);
        simulation.after(when, () -> {
            if (simulation.calm || !alive) {
                return;
            }
            switch (kind) {
                case 0 -> crash(simulation.chance(0.5));
                case 1, 2 -> loseStream(simulation.random.nextInt(1_500));
                case 3 -> drainAndLeave();
                default -> planTrouble();
            }
        });
    }

    /** Its coordinator is gone. Some take their time to find the next one. */
    void coordinatorLost() {
        link.cut();
        welcomed = false;
        simulation.after(simulation.random.nextInt(simulation.chance(0.2) ? 6_000 : 800), this::attach);
    }

    private void loseStream(int forMillis) {
        link.cut();
        welcomed = false;
        simulation.tell(new Event.HostDetached(name));
        if (simulation.chance(0.3) && rooms.values().stream().allMatch(this::isKnown)) {
            simulation.after(simulation.random.nextInt(forMillis + 1), this::giveUpSessions);
        }
        simulation.after(forMillis, this::attach);
    }

    /** It has been heard that the session is here: one that was given up is not taken for one that never came. */
    private boolean isKnown(Room room) {
        return room.confirmedMillis >= 0 && simulation.nowMillis - room.confirmedMillis > SimulatedLink.SLOWEST_MILLIS;
    }

    /** It has waited too long, as it finds, for its coordinator. */
    private void giveUpSessions() {
        if (!link.up()) {
            attempts.values().stream().filter(Held::mayHaveStarted).forEach(held -> endedStarted.add(held.session));
            rooms.forEach((session, room) -> {
                if (room.droppedStarted) {
                    endedStarted.add(session);
                }
            });
            rooms.clear();
            attempts.clear();
        }
    }

    private void crash(boolean noticed) {
        link.cut();
        welcomed = false;
        alive = false;
        rooms.clear();
        attempts.clear();
        endedStarted.clear();
        incarnation++;
        if (noticed) {
            simulation.tell(new Event.HostDetached(name));
        }
        simulation.after(100 + simulation.random.nextInt(4_000), () -> {
            alive = true;
            draining = false;
            attach();
        });
    }

    private void drainAndLeave() {
        if (!link.up() || !welcomed) {
            return;
        }
        draining = true;
        leave();
    }

    private void leave() {
        link.toScheduler(new Event.HostDraining(name));
        giveBack(held -> true);
        long life = incarnation;
        simulation.after(1_000, () -> {
            if (draining && link.up() && life == incarnation) {
                simulation.tell(new Event.HostLeft(name));
                crash(false);
            }
        });
    }

    /** What this coordinator has assigned and has not started. */
    private void giveBack(Predicate<Held> which) {
        List<AttemptName> back = attempts.entrySet().stream()
                .filter(entry ->
                        isOurs(entry.getKey()) && !entry.getValue().mayHaveStarted() && which.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        back.forEach(attempts::remove);
        link.toScheduler(new Event.AttemptsReturned(
                name, back.stream().map(AttemptName::getAttempt).toList()));
    }

    /** Assigned by the coordinator it is attached to: what others have assigned is not spoken of until adopted. */
    private boolean isOurs(AttemptName attempt) {
        return attempt.getEpoch() == epoch && epoch == simulation.epoch;
    }

    private AttemptName ours(long attempt) {
        return AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt).build();
    }

    private @Nullable Room room(int number) {
        return rooms.values().stream()
                .filter(room -> room.number == number)
                .findFirst()
                .orElse(null);
    }

    // ------------------------------------------------------------------------------------------------ orders

    void fromScheduler(Decision order) {
        welcomeSent |= order instanceof Decision.Welcome;
        if (welcomeSent) {
            link.fromScheduler(order);
        }
    }

    private void obey(Decision order) {
        if (order instanceof Decision.Welcome welcome) {
            welcome(welcome);
        } else if (order instanceof Decision.OpenSession open) {
            String session = simulation.sessionId(open.session());
            Room room = rooms.computeIfAbsent(session, s -> new Room());
            room.droppedStarted |= endedStarted.contains(session);
            room.number = open.session();
        } else if (order instanceof Decision.SetQuota quota) {
            Room room = room(quota.session());
            if (room != null) {
                room.quota = quota.processes();
                room.revision = quota.revision();
                room.unconfirmed = true;
            }
        } else if (order instanceof Decision.Adopt adopt) {
            adopt(adopt);
        } else if (order instanceof Decision.DropAttempt drop) {
            if (drop.settled()) {
                forget(drop.held());
            } else {
                drop(drop.held());
            }
        } else if (order instanceof Decision.Run run) {
            take(run);
        } else if (order instanceof Decision.Recall recall) {
            Held held = attempts.get(ours(recall.attempt()));
            if (held != null && !held.mayHaveStarted()) {
                attempts.remove(ours(recall.attempt()));
                link.toScheduler(new Event.AttemptsReturned(name, List.of(recall.attempt())));
            }
        } else if (order instanceof Decision.CancelAttempt cancel) {
            cancel(cancel);
        } else if (order instanceof Decision.Acknowledge acknowledge) {
            forget(ours(acknowledge.attempt()));
        } else if (order instanceof Decision.CloseSession close) {
            rooms.entrySet().stream()
                    .filter(entry -> entry.getValue().number == close.session())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(this::close);
        } else if (order instanceof Decision.DropSession drop) {
            close(drop.sessionId());
        } else if (order instanceof Decision.ReleaseHost) {
            link.cut();
            welcomed = false;
            simulation.after(50, this::attach);
        }
        work();
    }

    private void welcome(Decision.Welcome welcome) {
        welcomed = true;
        if (epoch != simulation.epoch) {
            epoch = simulation.epoch;
            rooms.values().forEach(room -> {
                room.number = 0;
                room.revision = 0;
                room.unconfirmed = false;
                room.confirmedMillis = -1;
            });
        }
        welcome.dropped().forEach(this::drop);
        if (draining) {
            leave();
        }
    }

    private void adopt(Decision.Adopt adopt) {
        Held held = attempts.remove(adopt.held());
        if (held == null) {
            throw new AssertionError(name + " has not what it is to call its own: " + adopt);
        }
        attempts.put(ours(adopt.attempt()), held);
        if (held.outcome != null) {
            report(adopt.attempt(), held.outcome);
        } else if (draining) {
            giveBack(one -> one == held);
        }
    }

    private void drop(AttemptName dropped) {
        Held held = attempts.get(dropped);
        if (held != null && held.mayHaveStarted()) {
            Room room = rooms.get(held.session);
            if (room != null) {
                room.droppedStarted = true;
            }
        }
        forget(dropped);
    }

    private void take(Decision.Run run) {
        Room room = room(run.session());
        if (room == null || draining) {
            link.toScheduler(new Event.AttemptsReturned(name, List.of(run.attempt())));
        } else {
            boolean inline = run.task().getPayload().hasInline();
            Held held =
                    new Held(simulation.sessionId(run.session()), run.task().getSequence(), run.startNumber(), inline);
            attempts.put(ours(run.attempt()), held);
            if (!inline) {
                fetch(held, incarnation);
            }
        }
    }

    /** From its client, by way of the coordinator, as often as it takes. */
    private void fetch(Held held, long life) {
        simulation.after(simulation.transferMillis(), () -> {
            AttemptName attempt = nameOf(held);
            if (life != incarnation || attempt == null) {
                return;
            }
            SimulatedClient client = simulation.clients.get(held.session);
            boolean asked = welcomed
                    && link.up()
                    && isOurs(attempt)
                    && simulation.mayFetch(client.number(), held.sequence, name)
                    && !simulation.transferFails();
            if (asked && client.sends(held.sequence)) {
                held.fetched = true;
                work();
            } else {
                fetch(held, life);
            }
        });
    }

    /** Whether the payload of that attempt's outcome can be had from here. */
    boolean sends(long attempt) {
        Held held = attempts.get(ours(attempt));
        return alive && welcomed && link.up() && held != null && held.outcome != null;
    }

    private void forget(AttemptName attempt) {
        Held held = attempts.remove(attempt);
        if (held != null && held.running) {
            processGone(held);
        }
    }

    private void cancel(Decision.CancelAttempt cancel) {
        Held held = attempts.get(ours(cancel.attempt()));
        if (held == null || held.outcome != null || (held.running && !cancel.evenIfRunning())) {
            return;
        }
        Outcome.Builder outcome = Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance());
        if (held.running) {
            outcome.setPlace(Place.newBuilder().setHost(name));
            processGone(held);
        }
        end(held, outcome.build());
    }

    private void close(String session) {
        Room room = rooms.remove(session);
        attempts.values().removeIf(held -> held.session.equals(session));
        if (room != null && room.number != 0) {
            link.toScheduler(confirm(room.number, 0, room.revision));
        }
    }

    private Event confirm(int session, int processes, int revision) {
        return new Event.QuotasConfirmed(
                name,
                List.of(QuotaConfirmed.newBuilder()
                        .setSession(session)
                        .setProcesses(processes)
                        .setRevision(revision)
                        .build()));
    }

    // ------------------------------------------------------------------------------------------------ work

    private void work() {
        rooms.forEach((session, room) -> {
            while (room.processes() > room.quota && room.idle > 0) {
                room.idle--;
            }
            if (room.unconfirmed && room.processes() <= room.quota) {
                room.unconfirmed = false;
                room.confirmedMillis = room.confirmedMillis < 0 ? simulation.nowMillis : room.confirmedMillis;
                link.toScheduler(confirm(room.number, room.quota, room.revision));
            }
            long waiting = attempts.values().stream()
                    .filter(held -> held.session.equals(session) && held.mayStart())
                    .count();
            while (room.idle + room.starting < waiting && room.processes() < room.quota) {
                start(session, room);
            }
            for (Held held : attempts.values()) {
                if (room.idle > 0
                        && held.session.equals(session)
                        && held.mayStart()
                        && room.processes() <= room.quota) {
                    run(room, held);
                }
            }
        });
    }

    private void start(String session, Room room) {
        room.starting++;
        boolean fails = !simulation.calm && simulation.chance(0.01);
        long life = incarnation;
        simulation.after(PROCESS_START_MILLIS, () -> {
            if (life != incarnation || rooms.get(session) != room || room.starting == 0) {
                return;
            }
            room.starting--;
            if (fails && welcomed && room.number != 0) {
                problem(session, room.number);
            } else {
                room.idle++;
            }
            work();
        });
    }

    private void problem(String session, int number) {
        simulation.clients.get(session).trouble(31_000);
        link.toScheduler(new Event.ProblemReported(
                name,
                SessionProblem.newBuilder()
                        .setSession(number)
                        .setProcessNotReady(Loss.newBuilder()
                                .setCause(Loss.Cause.PROCESS_NOT_STARTED)
                                .setMessage("it exited with 1"))
                        .build()));
        giveBack(held -> held.session.equals(session));
    }

    private void run(Room room, Held held) {
        room.idle--;
        room.running++;
        held.running = true;
        simulation.started(held.session, held.sequence);
        int millis = simulation.clients.get(held.session).taskMillis();
        if (millis > 5) {
            simulation.after(5, () -> {
                AttemptName attempt = nameOf(held);
                if (attempt != null && held.running && isOurs(attempt)) {
                    link.toScheduler(new Event.AttemptsStarted(
                            name,
                            List.of(AttemptStarted.newBuilder()
                                    .setAttempt(attempt.getAttempt())
                                    .setPid(1)
                                    .build())));
                }
            });
        }
        boolean dies = simulation.chance(0.02);
        boolean fails = simulation.chance(0.05);
        simulation.after(millis, () -> {
            if (nameOf(held) == null || !held.running) {
                return;
            }
            if (dies) {
                processGone(held);
            } else {
                room.running--;
                room.idle++;
            }
            end(held, outcome(held, dies, fails, millis));
            work();
        });
    }

    /** What it is called now; null when it was forgotten. */
    private @Nullable AttemptName nameOf(Held held) {
        return attempts.entrySet().stream()
                .filter(entry -> entry.getValue() == held)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private Outcome outcome(Held held, boolean dies, boolean fails, int millis) {
        Payload payload = simulation.clients.get(held.session).movesLarge(held.sequence)
                ? simulation.newReference()
                : Payload.getDefaultInstance();
        Outcome.Builder outcome = Outcome.newBuilder()
                .setPlace(Place.newBuilder().setHost(name))
                .setRunNanos(1_000 + millis * 1_000_000L);
        if (dies) {
            outcome.setLoss(Loss.newBuilder().setCause(Loss.Cause.PROCESS_DIED));
        } else if (fails) {
            outcome.setFailure(
                    Failure.newBuilder().setRetryable(simulation.chance(0.5)).setException(payload));
        } else {
            outcome.setResult(payload);
        }
        return outcome.build();
    }

    private void processGone(Held held) {
        Room room = rooms.get(held.session);
        if (room != null && room.running > 0) {
            room.running--;
        }
    }

    private void end(Held held, Outcome outcome) {
        held.running = false;
        held.outcome = outcome;
        AttemptName attempt = nameOf(held);
        if (attempt != null && isOurs(attempt)) {
            report(attempt.getAttempt(), outcome);
        }
    }

    private void report(long attempt, Outcome outcome) {
        link.toScheduler(new Event.AttemptsEnded(
                name,
                List.of(AttemptOutcome.newBuilder()
                        .setAttempt(attempt)
                        .setOutcome(outcome)
                        .build())));
    }

    // ------------------------------------------------------------------------------------------------ what is checked

    String state() {
        StringBuilder state = new StringBuilder(name);
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
        return state.append(" link ")
                .append(link.up())
                .append(welcomed)
                .append(draining)
                .toString();
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

    /** It keeps slots for a session that nobody has opened at this coordinator. */
    boolean holdsUnclaimed() {
        return rooms.values().stream().anyMatch(room -> room.number == 0);
    }

    /**
     * Its processes are what the coordinator has granted: not those of a host that was given up and has not been
     * told.
     */
    boolean knownToCoordinator() {
        return welcomed && link.up();
    }

    boolean quiet() {
        return alive && welcomed && attempts.isEmpty() && rooms.isEmpty();
    }

    void checkTheEnd() {
        if (processes() > 0 || !attempts.isEmpty()) {
            throw new AssertionError(
                    name + " still has " + processes() + " processes and attempts " + attempts.keySet());
        }
    }
}
