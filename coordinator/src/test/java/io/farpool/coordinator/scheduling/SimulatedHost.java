package io.farpool.coordinator.scheduling;

import io.farpool.coordinator.scheduling.SimulatedRooms.Held;
import io.farpool.coordinator.scheduling.SimulatedRooms.Room;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.QuotaConfirmed;
import java.util.List;
import java.util.function.Predicate;

/**
 * A daemon as the coordinator sees it, with all that may go wrong: dead processes, broken streams, crashes, draining.
 */
final class SimulatedHost {
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
    private final SimulatedRooms rooms = new SimulatedRooms();
    private final SimulatedProcesses processes;

    SimulatedHost(Simulation simulation, String name, int slots) {
        this.simulation = simulation;
        this.name = name;
        this.slots = slots;
        link = new SimulatedLink(simulation, this::obey);
        processes = new SimulatedProcesses(simulation, this, rooms);
    }

    // ------------------------------------------------------------------------------------------------ its life

    void attach() {
        if (!alive || link.up()) {
            return;
        }
        link.connect();
        welcomeSent = false;
        link.toScheduler(new Event.HostAttached(name, incarnation, slots, rooms.sessionsHeld(), rooms.attemptsHeld()));
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
        if (simulation.chance(0.3) && rooms.all().stream().allMatch(this::isKnown)) {
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
            rooms.giveUp();
        }
    }

    private void crash(boolean noticed) {
        link.cut();
        welcomed = false;
        alive = false;
        rooms.clear();
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
    void giveBack(Predicate<Held> which) {
        link.toScheduler(new Event.AttemptsReturned(
                name,
                rooms.takeUnstarted(this::isOurs, which).stream()
                        .map(AttemptName::getAttempt)
                        .toList()));
    }

    /** Assigned by the coordinator it is attached to: what others have assigned is not spoken of until adopted. */
    boolean isOurs(AttemptName attempt) {
        return attempt.getEpoch() == epoch && epoch == simulation.epoch;
    }

    private AttemptName ours(long attempt) {
        return AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt).build();
    }

    /** Which life of the machine this is. */
    long incarnation() {
        return incarnation;
    }

    boolean welcomed() {
        return welcomed;
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
            rooms.open(simulation.sessionId(open.session()), open.session());
        } else if (order instanceof Decision.SetQuota quota) {
            Room room = rooms.room(quota.session());
            if (room != null) {
                room.quota = quota.processes();
                room.revision = quota.revision();
                room.unconfirmed = true;
            }
        } else if (order instanceof Decision.Adopt adopt) {
            adopt(adopt);
        } else if (order instanceof Decision.DropAttempt drop) {
            if (drop.settled()) {
                rooms.forget(drop.held());
            } else {
                rooms.drop(drop.held());
            }
        } else if (order instanceof Decision.Run run) {
            take(run);
        } else if (order instanceof Decision.Recall recall) {
            Held held = rooms.attempt(ours(recall.attempt()));
            if (held != null && !held.mayHaveStarted()) {
                rooms.forget(ours(recall.attempt()));
                link.toScheduler(new Event.AttemptsReturned(name, List.of(recall.attempt())));
            }
        } else if (order instanceof Decision.CancelAttempt cancel) {
            cancel(cancel);
        } else if (order instanceof Decision.Acknowledge acknowledge) {
            rooms.forget(ours(acknowledge.attempt()));
        } else if (order instanceof Decision.CloseSession close) {
            rooms.sessionOf(close.session()).ifPresent(this::close);
        } else if (order instanceof Decision.DropSession drop) {
            close(drop.sessionId());
        } else if (order instanceof Decision.ReleaseHost) {
            link.cut();
            welcomed = false;
            simulation.after(50, this::attach);
        }
        processes.work();
    }

    private void welcome(Decision.Welcome welcome) {
        welcomed = true;
        if (epoch != simulation.epoch) {
            epoch = simulation.epoch;
            rooms.coordinatorIsNew();
        }
        welcome.dropped().forEach(rooms::drop);
        if (draining) {
            leave();
        }
    }

    private void adopt(Decision.Adopt adopt) {
        Held held = rooms.rename(adopt.held(), ours(adopt.attempt()));
        if (held == null) {
            throw new AssertionError(name + " has not what it is to call its own: " + adopt);
        }
        if (held.outcome != null) {
            processes.report(adopt.attempt(), held.outcome);
        } else if (draining) {
            giveBack(one -> one == held);
        }
    }

    private void take(Decision.Run run) {
        Room room = rooms.room(run.session());
        if (room == null || draining) {
            link.toScheduler(new Event.AttemptsReturned(name, List.of(run.attempt())));
        } else {
            boolean inline = run.task().getPayload().hasInline();
            Held held =
                    new Held(simulation.sessionId(run.session()), run.task().getSequence(), run.startNumber(), inline);
            rooms.put(ours(run.attempt()), held);
            if (!inline) {
                fetch(held, incarnation);
            }
        }
    }

    /** From its client, by way of the coordinator, as often as it takes. */
    private void fetch(Held held, long life) {
        simulation.after(simulation.transferMillis(), () -> {
            AttemptName attempt = rooms.nameOf(held);
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
                processes.work();
            } else {
                fetch(held, life);
            }
        });
    }

    /** Whether the payload of that attempt's outcome can be had from here. */
    boolean sends(long attempt) {
        Held held = rooms.attempt(ours(attempt));
        return alive && welcomed && link.up() && held != null && held.outcome != null;
    }

    private void cancel(Decision.CancelAttempt cancel) {
        Held held = rooms.attempt(ours(cancel.attempt()));
        if (held == null || held.outcome != null || (held.running && !cancel.evenIfRunning())) {
            return;
        }
        Outcome.Builder outcome = Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance());
        if (held.running) {
            outcome.setPlace(Place.newBuilder().setHost(name));
            rooms.processGone(held);
        }
        processes.end(held, outcome.build());
    }

    private void close(String session) {
        Room room = rooms.close(session);
        if (room != null && room.number != 0) {
            link.toScheduler(confirm(room.number, 0, room.revision));
        }
    }

    Event confirm(int session, int processes, int revision) {
        return new Event.QuotasConfirmed(
                name,
                List.of(QuotaConfirmed.newBuilder()
                        .setSession(session)
                        .setProcesses(processes)
                        .setRevision(revision)
                        .build()));
    }

    // ------------------------------------------------------------------------------------------------ what is checked

    String state() {
        StringBuilder state = new StringBuilder(name);
        rooms.describe(state);
        return state.append(" link ")
                .append(link.up())
                .append(welcomed)
                .append(draining)
                .toString();
    }

    /** What it has now. */
    SimulatedRooms rooms() {
        return rooms;
    }

    /**
     * Its processes are what the coordinator has granted: not those of a host that was given up and has not been
     * told.
     */
    boolean knownToCoordinator() {
        return welcomed && link.up();
    }

    boolean quiet() {
        return alive && welcomed && rooms.isEmpty();
    }

    void checkTheEnd() {
        if (rooms.processes() > 0 || rooms.attempts() > 0) {
            throw new AssertionError(name + " still has " + rooms.processes() + " processes and " + rooms.attempts()
                    + " attempts: " + state());
        }
    }
}
