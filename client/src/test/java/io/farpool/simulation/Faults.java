package io.farpool.simulation;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.OutcomeOffer;

/** What goes wrong, and when: each run has its own mixture. */
final class Faults {
    private static final int KINDS = 14;
    private static final int MOST_WEIGHT = 10;

    private final Simulation simulation;
    private final World world;
    private final int[] weights = new int[KINDS];
    private final int pauseMillis;
    /** How likely a coordinator is to die when it has just said something that others will act on. */
    private final double moments;

    /** How likely a host is to die when an outcome that is on its disk has just been offered. */
    private final double offers;

    private int momentsLeft = 6;
    private int offersLeft = 4;
    private int clientDeaths;
    int struck;

    Faults(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world;
        pauseMillis = new int[] {200, 600, 2_000}[world.below(3)];
        for (int i = 0; i < KINDS; i++) {
            weights[i] = world.chance(0.4) ? 0 : 1 + world.below(MOST_WEIGHT);
        }
        moments = world.chance(0.3) ? 0.02 + 0.3 * world.random.nextDouble() : 0;
        offers = simulation.large && world.payloads.nextInt(3) == 0 ? 0.2 * world.payloads.nextDouble() : 0;
        clientDeaths = world.chance(0.15) ? 1 : 0;
    }

    void begin() {
        world.after(1 + world.below(2 * pauseMillis), this::next);
    }

    private void next() {
        if (world.calm) {
            return;
        }
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        if (sum > 0) {
            int choice = world.below(sum);
            int kind = 0;
            while (choice >= weights[kind]) {
                choice -= weights[kind++];
            }
            struck++;
            strike(kind);
        }
        begin();
    }

    /** The coordinator has sent this. */
    void said(Object message) {
        if (simulation.faultless || world.calm) {
            return;
        }
        if (offers > 0 && message instanceof CompletionsResponse batch) {
            batch.getOffersList().forEach(this::offered);
        }
        if (moments == 0 || momentsLeft == 0) {
            return;
        }
        boolean matters = false;
        if (message instanceof Order order) {
            matters = order.hasWelcome()
                    || order.getAdoptedCount() + order.getDroppedCount() + order.getPayloadsWantedCount() > 0;
        } else if (message instanceof CompletionsResponse batch) {
            matters = batch.getWantedCount()
                            + batch.getGrantRequestsCount()
                            + batch.getOffersCount()
                            + batch.getPayloadsWantedCount()
                    > 0;
        }
        if (matters && world.chance(moments)) {
            momentsLeft--;
            world.after(world.below(30), () -> {
                if (simulation.coordinator.alive && !world.calm) {
                    simulation.coordinator.crash(simulation.network, world.below(200));
                }
            });
        }
    }

    private void offered(OutcomeOffer offer) {
        if (offersLeft > 0 && world.chance(offers)) {
            offersLeft--;
            simulation.hosts.stream()
                    .filter(host ->
                            host.name.equals(offer.getOutcome().getPlace().getHost()))
                    .forEach(host -> world.after(world.below(20), () -> host.crash(world.chance(0.8))));
        }
    }

    private void strike(int kind) {
        SimulatedHost host = simulation.hosts.get(world.below(simulation.hosts.size()));
        SimulatedClient client = simulation.clients.get(world.below(simulation.clients.size()));
        Network network = simulation.network;
        SimulatedCoordinator coordinator = simulation.coordinator;
        switch (kind) {
            case 0 -> network.breakConnection(host);
            case 1 -> network.breakConnection(client);
            case 2 -> network.breakOne(simulation.large && world.chance(0.5) ? host : client);
            case 3 -> stall(world.chance(0.5) ? host : client);
            case 4 -> host.crash(world.chance(0.7));
            case 5 -> host.killProcesses(world.chance(0.3));
            case 6 -> host.stop(someTime(6_000), world.chance(0.5));
            case 7 -> {
                if (coordinator.alive) {
                    coordinator.crash(network, world.below(world.chance(0.7) ? 500 : 5_000));
                }
            }
            case 8 -> coordinator.stop(someTime(5_000));
            case 9 -> host.drain();
            case 10 -> {
                if (clientDeaths-- > 0) {
                    client.crash();
                } else {
                    client.stop(someTime(8_000));
                }
            }
            case 11 -> {
                if (coordinator.alive && !coordinator.isStopped() && !coordinator.shuttingDown) {
                    coordinator.shutDown(network, world.below(1_000));
                }
            }
            case 12 -> crashAgainAndAgain(2 + world.below(4));
            case 13 -> {
                // A coordinator and a host together: nobody is left who knows what that one was doing.
                host.crash(world.chance(0.7));
                if (coordinator.alive) {
                    coordinator.crash(network, world.below(500));
                }
            }
            default -> throw new AssertionError("no fault of kind " + kind);
        }
    }

    /** In the middle of what each of them is told by the clients and hosts that come back. */
    private void crashAgainAndAgain(int times) {
        if (times > 0 && !world.calm) {
            if (simulation.coordinator.alive) {
                simulation.coordinator.crash(simulation.network, world.below(100));
            }
            world.after(100 + world.below(world.chance(0.5) ? 600 : 4_000), () -> crashAgainAndAgain(times - 1));
        }
    }

    private long someTime(int longest) {
        return 1L + world.below(world.chance(0.6) ? 500 : longest);
    }

    private void stall(Machine machine) {
        long millis = someTime(6_000);
        world.note(machine.name, "is cut off for " + millis + " ms", null);
        machine.stalledUntilMillis = Math.max(machine.stalledUntilMillis, world.nowMillis + millis);
    }
}
