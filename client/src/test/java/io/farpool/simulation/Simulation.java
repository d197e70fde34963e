package io.farpool.simulation;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.worker.hosting.HostLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * One seed's run: a coordinator, hosts and clients, all with their real cores, until every future is complete and every queue
 * empty.
 */
final class Simulation {
    static final int QUANTUM_MILLIS = 300;

    private static final int PREFETCH_PER_SLOT = 20;
    private static final long HOST_LEASE_MILLIS = 3_000;
    private static final long RECONNECT_MILLIS = 2_000;
    private static final long SESSION_LEASE_MILLIS = 6_000;
    private static final int HEARTBEAT_MILLIS = 500;
    /** From the last fault until everything must be over. */
    private static final long END_MILLIS = 150_000;

    /** When nobody has anything left to say but heartbeats, what nobody wants any more is kept for a session's lease at most. */
    private static final long QUIET_MILLIS = SESSION_LEASE_MILLIS + 2_000;

    private static final long MOST_EVENTS = 3_000_000;

    final World world;
    final Rules rules;
    final SimulatedCoordinator coordinator;
    final Network network;
    final List<SimulatedHost> hosts = new ArrayList<>();
    final List<SimulatedClient> clients = new ArrayList<>();
    final long creditTasks;
    /** A few results that a client has not acknowledged hold up the others. */
    final boolean tightAcknowledgement;

    final boolean tightOutcomes;
    /** The credit in bytes is small: one large task may fill it. */
    final boolean tightBytes;
    /** No bound on memory is so tight that it may hold up a task that could run. */
    final boolean wide;
    /** Nothing ever goes wrong but tasks themselves. */
    final boolean faultless;
    /** Processes may die before they are ready, so that sessions are left out of hosts for a while, or break. */
    final boolean startsFail;

    /** Processes take longer to start than a session keeps a slot at least. */
    final boolean slowStarts;

    /** Some payloads are references. */
    final boolean large;

    private final Faults faults;
    private long quietSinceMillis = Long.MAX_VALUE;

    Simulation(long seed) {
        world = new World(seed);
        faultless = world.chance(0.08);
        startsFail = !faultless && world.chance(0.1);
        rules = new Rules(this);
        large = world.payloads.nextInt(3) > 0;
        faults = new Faults(this);
        slowStarts = world.chance(0.1);
        tightAcknowledgement = world.chance(0.2);
        boolean tightCredit = world.chance(0.4);
        tightBytes = world.chance(0.25);
        tightOutcomes = world.chance(0.2);
        wide = !tightAcknowledgement && !tightCredit && !tightBytes && !tightOutcomes;
        creditTasks = tightCredit ? 1 + world.below(20) : 1_000;
        SchedulerSettings defaults = SchedulerSettings.defaults();
        SchedulerSettings settings = new SchedulerSettings(
                creditTasks,
                tightBytes ? 1 + world.below(5_000) : 1 << 20,
                tightAcknowledgement ? 100 : 1 << 20,
                QUANTUM_MILLIS,
                HOST_LEASE_MILLIS,
                RECONNECT_MILLIS,
                SESSION_LEASE_MILLIS,
                defaults.sessionEndGraceMillis(),
                1 + world.below(5_000),
                defaults.pendingTasks(),
                3,
                1,
                defaults.prefetchNanos(),
                PREFETCH_PER_SLOT,
                world.chance(0.3) ? 2_000 : defaults.prefetchBytes(),
                defaults.problemBackoffMillis(),
                defaults.problemBackoffMaxMillis(),
                defaults.problemsToBreak());
        EndpointSettings endpoints =
                new EndpointSettings(HEARTBEAT_MILLIS, 1 << 20, 100, 100, 10_000, 1 << 28, 1 << 16);
        coordinator = new SimulatedCoordinator(
                world,
                settings,
                endpoints,
                world.payloads.nextInt(5) == 0 ? 1 + world.payloads.nextInt(5) : 1_000,
                rules::fault);
        network = new Network(world, coordinator, (call, message) -> {
            rules.said(call, message);
            faults.said(message);
        });
        network.transfersBreak = large && !faultless && world.payloads.nextBoolean() ? 0.1 : 0;
        int hostCount = 1 + world.below(4);
        for (int i = 1; i <= hostCount; i++) {
            int slots = 1 + world.below(4);
            HostLimits limits = new HostLimits(
                    slots,
                    61,
                    1_000,
                    3_000,
                    10_000,
                    tightOutcomes ? 200 : 1 << 20,
                    tightOutcomes ? 600 : 1 << 20,
                    0,
                    world.chance(0.7) ? 600_000 : 4_000 + world.below(4_000));
            SimulatedHost host = new SimulatedHost(this, "host-" + i, slots, limits);
            hosts.add(host);
            host.later(world.below(500), host.attachment()::open);
        }
        int clientCount = 1 + world.below(3);
        for (int i = 1; i <= clientCount; i++) {
            clients.add(new SimulatedClient(this, i));
        }
    }

    void run() {
        long faultyMillis = faultless ? 1 : 3_000 + world.below(7_000);
        // Some come after everything has settled, so that there is work when nothing excuses its waiting any more.
        long lastSubmitMillis = world.chance(0.5)
                ? 1 + world.below(8_000)
                : faultyMillis + Rules.SETTLING_MILLIS + 1_000 + world.below(2_000);
        for (SimulatedClient client : clients) {
            client.begin(lastSubmitMillis);
        }
        if (!faultless) {
            faults.begin();
        }
        world.after(faultyMillis, () -> {
            world.note("world", "calm", null);
            world.calm = true;
            world.calmSinceMillis = world.nowMillis;
        });
        long endMillis = faultyMillis + lastSubmitMillis + END_MILLIS;
        if (slowStarts) {
            // In the worst case there is one slot, and a process for each task.
            endMillis += clients.stream()
                    .mapToLong(client -> client.tasks.size() * 2_000L)
                    .sum();
        }
        while (!isOver()) {
            world.runNext();
            rules.check();
            if (world.nowMillis > endMillis) {
                throw new AssertionError("not over after " + world.nowMillis + " ms");
            }
            if (world.events > MOST_EVENTS) {
                throw new AssertionError("no end after " + world.events + " events");
            }
        }
        for (SimulatedClient client : clients) {
            for (PlannedTask task : client.tasks) {
                if (!client.died && task.submitted && !task.finished && !task.cancelled) {
                    throw new AssertionError("never finished: " + task);
                }
            }
        }
        hosts.forEach(SimulatedHost::checkTheEnd);
        clients.forEach(SimulatedClient::checkTheEnd);
        rules.check();
    }

    private boolean isOver() {
        if (!isQuiet()) {
            quietSinceMillis = Long.MAX_VALUE;
            return false;
        }
        quietSinceMillis = Math.min(quietSinceMillis, world.nowMillis);
        return world.nowMillis - quietSinceMillis > QUIET_MILLIS;
    }

    private boolean isQuiet() {
        if (!world.calm || !coordinator.alive) {
            return false;
        }
        for (SimulatedClient client : clients) {
            if (!client.isOver()) {
                return false;
            }
        }
        for (SimulatedHost host : hosts) {
            if (!host.isQuiet()) {
                return false;
            }
        }
        return coordinator.endpoints.isAtRest()
                && coordinator.endpoints.sessionViews().isEmpty()
                && coordinator.endpoints.hostViews().stream().allMatch(host -> host.held() == 0);
    }

    /** What all sessions together may have on a host beyond what runs. */
    int prefetchBound(int slots, int sessions) {
        return (PREFETCH_PER_SLOT + 1) * slots * Math.max(1, sessions);
    }

    SimulatedClient clientOf(String sessionId) {
        return clients.get((int) Long.parseLong(sessionId, 16) - 1);
    }

    /** The task that a payload's bytes stand for. */
    PlannedTask task(ByteString payload) {
        String[] parts = payload.toStringUtf8().split("/", 3);
        return clients.get(Integer.parseInt(parts[0]) - 1).tasks.get(Integer.parseInt(parts[1]));
    }

    String whereItStands() {
        return "at " + world.nowMillis + " ms, after " + world.events + " events, calm " + world.calm + " since "
                + world.calmSinceMillis + (tightAcknowledgement ? " tight acknowledgement" : "") + "\n"
                + "coordinator epoch " + coordinator.epoch + " "
                + coordinator.endpoints.hostViews() + coordinator.endpoints.sessionViews() + "\n" + hosts + "\n"
                + clients;
    }
}
