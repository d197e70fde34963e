package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The large outcomes that a simulated client is offered: it fetches their payloads from the hosts, and takes them. */
final class SimulatedReceipts {
    private final Simulation simulation;
    private final SimulatedClient client;
    /** The newest of each task, of this generation. */
    private final Map<Long, Decision.OfferOutcome> offers = new HashMap<>();
    /** Of tasks that are pending: the outcomes' payloads that have arrived here. */
    private final Map<Long, Set<Payload>> arrived = new HashMap<>();

    SimulatedReceipts(Simulation simulation, SimulatedClient client) {
        this.simulation = simulation;
        this.client = client;
    }

    /** What another coordinator has offered is offered no more. */
    void coordinatorIsNew() {
        offers.clear();
    }

    void offered(Decision.OfferOutcome offer) {
        if (!client.wants(offer.sequence())) {
            return;
        }
        boolean again = offer.equals(offers.put(offer.sequence(), offer));
        if (hasArrived(offer.sequence(), payloadOf(offer.outcome()))) {
            take(offer);
        } else if (!again) {
            fetch(offer);
        }
    }

    boolean hasArrived(long sequence, Payload payload) {
        return arrived.getOrDefault(sequence, Set.of()).contains(payload);
    }

    /** From its host, by way of the coordinator, as often as it takes, and when there is room here. */
    private void fetch(Decision.OfferOutcome offer) {
        int roomMillis = simulation.chance(0.1) ? simulation.random.nextInt(500) : 0;
        simulation.after(simulation.transferMillis() + roomMillis, () -> {
            if (client.done() || !client.isPending(offer.sequence()) || !offer.equals(offers.get(offer.sequence()))) {
                return;
            }
            if (!client.link.up() || simulation.transferFails()) {
                fetch(offer);
                return;
            }
            String host = simulation.hostOf(offer);
            if (host == null) {
                // Gone: a newer offer, or a completion, is on its way. An older one is not tried again.
                return;
            }
            if (simulation.hosts.get(host).sends(offer.attempt())) {
                arrived.computeIfAbsent(offer.sequence(), sequence -> new HashSet<>())
                        .add(payloadOf(offer.outcome()));
                take(offer);
            } else {
                fetch(offer);
            }
        });
    }

    private void take(Decision.OfferOutcome offer) {
        client.link.toScheduler(new Event.OutcomesTaken(client.number(), List.of(offer.attempt())));
    }

    void done(long sequence) {
        offers.remove(sequence);
        arrived.remove(sequence);
    }

    static Payload payloadOf(Outcome outcome) {
        return outcome.hasResult() ? outcome.getResult() : outcome.getFailure().getException();
    }
}
