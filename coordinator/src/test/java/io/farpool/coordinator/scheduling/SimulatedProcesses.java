package io.farpool.coordinator.scheduling;

import io.farpool.coordinator.scheduling.SimulatedRooms.Held;
import io.farpool.coordinator.scheduling.SimulatedRooms.Room;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.SessionProblem;
import java.util.List;

/** The worker processes of a simulated host: they start, run what is held for them, and now and then die. */
final class SimulatedProcesses {
    private static final int PROCESS_START_MILLIS = 30;

    private final Simulation simulation;
    private final SimulatedHost host;
    private final SimulatedRooms rooms;

    SimulatedProcesses(Simulation simulation, SimulatedHost host, SimulatedRooms rooms) {
        this.simulation = simulation;
        this.host = host;
        this.rooms = rooms;
    }

    /** Does what can be done now: ends processes beyond the quota, starts some, gives them attempts. */
    void work() {
        rooms.forEach((session, room) -> {
            while (room.processes() > room.quota && room.idle > 0) {
                room.idle--;
            }
            if (room.unconfirmed && room.processes() <= room.quota) {
                room.unconfirmed = false;
                room.confirmedMillis = room.confirmedMillis < 0 ? simulation.nowMillis : room.confirmedMillis;
                host.link.toScheduler(host.confirm(room.number, room.quota, room.revision));
            }
            long waiting = rooms.allAttempts().stream()
                    .filter(held -> held.session.equals(session) && held.mayStart())
                    .count();
            while (room.idle + room.starting < waiting && room.processes() < room.quota) {
                start(session, room);
            }
            for (Held held : rooms.allAttempts()) {
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
        long life = host.incarnation();
        simulation.after(PROCESS_START_MILLIS, () -> {
            if (life != host.incarnation() || rooms.room(session) != room || room.starting == 0) {
                return;
            }
            room.starting--;
            if (fails && host.welcomed() && room.number != 0) {
                problem(session, room.number);
            } else {
                room.idle++;
            }
            work();
        });
    }

    private void problem(String session, int number) {
        simulation.clients.get(session).trouble(31_000);
        host.link.toScheduler(new Event.ProblemReported(
                host.name,
                SessionProblem.newBuilder()
                        .setSession(number)
                        .setProcessNotReady(Loss.newBuilder()
                                .setCause(Loss.Cause.PROCESS_NOT_STARTED)
                                .setMessage("it exited with 1"))
                        .build()));
        host.giveBack(held -> held.session.equals(session));
    }

    private void run(Room room, Held held) {
        room.idle--;
        room.running++;
        held.running = true;
        simulation.started(held.session, held.sequence);
        int millis = simulation.clients.get(held.session).taskMillis();
        if (millis > 5) {
            simulation.after(5, () -> {
                AttemptName attempt = rooms.nameOf(held);
                if (attempt != null && held.running && host.isOurs(attempt)) {
                    host.link.toScheduler(new Event.AttemptsStarted(
                            host.name,
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
            if (rooms.nameOf(held) == null || !held.running) {
                return;
            }
            if (dies) {
                rooms.processGone(held);
            } else {
                room.running--;
                room.idle++;
            }
            end(held, outcome(held, dies, fails, millis));
            work();
        });
    }

    private Outcome outcome(Held held, boolean dies, boolean fails, int millis) {
        Payload payload = simulation.clients.get(held.session).movesLarge(held.sequence)
                ? simulation.newReference()
                : Payload.getDefaultInstance();
        Outcome.Builder outcome = Outcome.newBuilder()
                .setPlace(Place.newBuilder().setHost(host.name))
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

    /** The attempt has ended, and stays here until it is acknowledged. */
    void end(Held held, Outcome outcome) {
        held.running = false;
        held.outcome = outcome;
        AttemptName attempt = rooms.nameOf(held);
        if (attempt != null && host.isOurs(attempt)) {
            report(attempt.getAttempt(), outcome);
        }
    }

    void report(long attempt, Outcome outcome) {
        host.link.toScheduler(new Event.AttemptsEnded(
                host.name,
                List.of(AttemptOutcome.newBuilder()
                        .setAttempt(attempt)
                        .setOutcome(outcome)
                        .build())));
    }
}
