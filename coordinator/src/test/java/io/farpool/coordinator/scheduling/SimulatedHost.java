package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.AttemptHeld;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A daemon as the coordinator sees it, with all that may go wrong: dead processes, broken streams, crashes, draining.
 */
final class SimulatedHost {
    private static final int PROCESS_START_MILLIS = 30;

    private static final class Held {
        final int session;
        final Decision.Run run;
        boolean running;

        @Nullable
        Outcome outcome;

        Held(Decision.Run run) {
            this.run = run;
            session = run.session();
        }
    }

    private static final class Room {
        int quota;
        int revision;
        boolean unconfirmed;
        boolean closing;
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
    private boolean draining;
    private final Map<Integer, Room> rooms = new LinkedHashMap<>();
    private final Map<Long, Held> attempts = new LinkedHashMap<>();

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
        List<SessionHeld> sessions = new ArrayList<>();
        rooms.forEach((session, room) -> {
            if (!room.closing) {
                sessions.add(SessionHeld.newBuilder()
                        .setSessionId("session-" + session)
                        .setProcesses(room.processes())
                        .build());
            }
        });
        List<AttemptHeld> held = new ArrayList<>();
        attempts.forEach((id, attempt) -> {
            AttemptHeld.Builder message = AttemptHeld.newBuilder()
                    .setSessionId("session-" + attempt.session)
                    .setEpoch(Simulation.EPOCH)
                    .setAttempt(id)
                    .setRunning(attempt.running);
            if (attempt.outcome != null) {
                message.setOutcome(AttemptOutcome.newBuilder().setAttempt(id).setOutcome(attempt.outcome));
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

    private void loseStream(int forMillis) {
        link.cut();
        welcomed = false;
        simulation.tell(new Event.HostDetached(name));
        simulation.after(forMillis, this::attach);
    }

    private void crash(boolean noticed) {
        link.cut();
        welcomed = false;
        alive = false;
        rooms.clear();
        attempts.clear();
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
        link.toScheduler(new Event.HostDraining(name));
        List<Long> back = attempts.entrySet().stream()
                .filter(entry -> !entry.getValue().running && entry.getValue().outcome == null)
                .map(Map.Entry::getKey)
                .toList();
        back.forEach(attempts::remove);
        link.toScheduler(new Event.AttemptsReturned(name, back));
        simulation.after(1_000, () -> {
            if (draining && link.up()) {
                simulation.tell(new Event.HostLeft(name));
                crash(false);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ orders

    private void obey(Decision order) {
        if (order instanceof Decision.Welcome welcome) {
            welcomed = true;
            welcome.dropped().forEach(name -> forget(name.getAttempt()));
        } else if (order instanceof Decision.OpenSession open) {
            rooms.computeIfAbsent(open.session(), s -> new Room());
        } else if (order instanceof Decision.SetQuota quota) {
            Room room = rooms.get(quota.session());
            if (room != null) {
                room.quota = quota.processes();
                room.revision = quota.revision();
                room.unconfirmed = true;
            }
        } else if (order instanceof Decision.Run run) {
            take(run);
        } else if (order instanceof Decision.Recall recall) {
            Held held = attempts.get(recall.attempt());
            if (held != null && !held.running && held.outcome == null) {
                attempts.remove(recall.attempt());
                link.toScheduler(new Event.AttemptsReturned(name, List.of(recall.attempt())));
            }
        } else if (order instanceof Decision.CancelAttempt cancel) {
            cancel(cancel);
        } else if (order instanceof Decision.Acknowledge acknowledge) {
            forget(acknowledge.attempt());
        } else if (order instanceof Decision.CloseSession close) {
            close(close.session());
        } else if (order instanceof Decision.DropSession drop) {
            close(Integer.parseInt(drop.sessionId().substring("session-".length())));
        } else if (order instanceof Decision.ReleaseHost) {
            link.cut();
            welcomed = false;
            simulation.after(50, this::attach);
        }
        work();
    }

    private void take(Decision.Run run) {
        Room room = rooms.get(run.session());
        if (room == null || room.closing || draining) {
            link.toScheduler(new Event.AttemptsReturned(name, List.of(run.attempt())));
        } else {
            attempts.put(run.attempt(), new Held(run));
        }
    }

    private void forget(long id) {
        Held held = attempts.remove(id);
        if (held != null && held.running) {
            processGone(held);
        }
    }

    private void cancel(Decision.CancelAttempt cancel) {
        Held held = attempts.get(cancel.attempt());
        if (held == null || held.outcome != null || (held.running && !cancel.evenIfRunning())) {
            return;
        }
        Outcome.Builder outcome = Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance());
        if (held.running) {
            outcome.setPlace(Place.newBuilder().setHost(name));
            processGone(held);
        }
        end(cancel.attempt(), held, outcome.build());
    }

    private void close(int session) {
        Room room = rooms.get(session);
        if (room != null) {
            room.closing = true;
            room.starting = 0;
            room.idle = 0;
            room.running = 0;
            attempts.values().removeIf(held -> held.session == session);
            rooms.remove(session);
            link.toScheduler(confirm(session, 0, room.revision));
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
                link.toScheduler(confirm(session, room.quota, room.revision));
            }
            long waiting = waiting(session);
            while (room.idle + room.starting < waiting && room.processes() < room.quota) {
                start(session, room);
                if (!rooms.containsKey(session)) {
                    return;
                }
            }
            for (Held held : attempts.values()) {
                if (room.idle > 0
                        && held.session == session
                        && !held.running
                        && held.outcome == null
                        && room.processes() <= room.quota) {
                    run(room, held);
                }
            }
        });
    }

    private long waiting(int session) {
        return attempts.values().stream()
                .filter(held -> held.session == session && !held.running && held.outcome == null)
                .count();
    }

    private void start(int session, Room room) {
        room.starting++;
        boolean fails = !simulation.calm && simulation.chance(0.01);
        long life = incarnation;
        simulation.after(PROCESS_START_MILLIS, () -> {
            if (life != incarnation || rooms.get(session) != room || room.starting == 0) {
                return;
            }
            room.starting--;
            if (fails) {
                problem(session);
            } else {
                room.idle++;
            }
            work();
        });
    }

    private void problem(int session) {
        simulation.clients.get(session).trouble(31_000);
        List<Long> back = new ArrayList<>();
        attempts.forEach((id, held) -> {
            if (held.session == session && !held.running && held.outcome == null) {
                back.add(id);
            }
        });
        back.forEach(attempts::remove);
        link.toScheduler(
                new Event.ProblemReported(
                        name,
                        SessionProblem.newBuilder()
                                .setSession(session)
                                .setProcessNotReady(Loss.newBuilder()
                                        .setCause(Loss.Cause.PROCESS_NOT_STARTED)
                                        .setMessage("it exited with 1"))
                                .build()),
                new Event.AttemptsReturned(name, back));
    }

    private void run(Room room, Held held) {
        room.idle--;
        room.running++;
        held.running = true;
        long id = held.run.attempt();
        int millis = simulation.clients.get(held.session).taskMillis();
        if (millis > 5) {
            simulation.after(5, () -> {
                if (attempts.get(id) == held && held.running) {
                    link.toScheduler(new Event.AttemptsStarted(
                            name,
                            List.of(AttemptStarted.newBuilder()
                                    .setAttempt(id)
                                    .setPid(1)
                                    .build())));
                }
            });
        }
        boolean dies = simulation.chance(0.02);
        boolean fails = simulation.chance(0.05);
        simulation.after(millis, () -> {
            if (attempts.get(id) != held || !held.running) {
                return;
            }
            if (dies) {
                processGone(held);
            } else {
                room.running--;
                room.idle++;
            }
            end(id, held, outcome(dies, fails, millis));
            work();
        });
    }

    private Outcome outcome(boolean dies, boolean fails, int millis) {
        Outcome.Builder outcome = Outcome.newBuilder()
                .setPlace(Place.newBuilder().setHost(name))
                .setRunNanos(1_000 + millis * 1_000_000L);
        if (dies) {
            outcome.setLoss(Loss.newBuilder().setCause(Loss.Cause.PROCESS_DIED));
        } else if (fails) {
            outcome.setFailure(Failure.newBuilder().setRetryable(simulation.chance(0.5)));
        } else {
            outcome.setResult(Payload.getDefaultInstance());
        }
        return outcome.build();
    }

    private void processGone(Held held) {
        Room room = rooms.get(held.session);
        if (room != null && room.running > 0) {
            room.running--;
        }
    }

    private void end(long id, Held held, Outcome outcome) {
        held.running = false;
        held.outcome = outcome;
        link.toScheduler(new Event.AttemptsEnded(
                name,
                List.of(AttemptOutcome.newBuilder()
                        .setAttempt(id)
                        .setOutcome(outcome)
                        .build())));
    }

    // ------------------------------------------------------------------------------------------------ what is checked

    String state() {
        StringBuilder state = new StringBuilder(name);
        rooms.forEach((session, room) -> state.append(" s")
                .append(session)
                .append(" quota ")
                .append(room.quota)
                .append(" starting ")
                .append(room.starting)
                .append(" idle ")
                .append(room.idle)
                .append(" running ")
                .append(room.running));
        attempts.forEach((id, held) ->
                state.append(' ').append(id).append(held.running ? "R" : held.outcome != null ? "E" : "Q"));
        return state.append(" link ")
                .append(link.up())
                .append(welcomed)
                .append(draining)
                .toString();
    }

    int processes() {
        return rooms.values().stream().mapToInt(Room::processes).sum();
    }

    int processesOf(int session) {
        Room room = rooms.get(session);
        return room == null ? 0 : room.processes();
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
