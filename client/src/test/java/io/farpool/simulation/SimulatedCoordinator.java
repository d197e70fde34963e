package io.farpool.simulation;

import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.endpoint.VirtualEndpoints;
import io.farpool.coordinator.payload.PayloadSenders;
import io.farpool.coordinator.payload.VirtualPayloads;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.ReceiveRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All coordinators of a run, one after the other, each with an empty memory and an epoch of its own. */
final class SimulatedCoordinator extends Machine {
    private static final long TICK_MILLIS = 100;
    /** As the coordinator's own thread takes it for a gap. */
    private static final long GAP_MILLIS = 2_000;

    private static final long STALL_MILLIS = 4_000;

    /** A payload that somebody waits for and nobody sends yet. */
    static final class Asked {
        final ReceiveRequest request;
        /** Its sender was told so there last; null: nowhere. */
        @Nullable
        Call<?, ?> toldOn;

        Asked(ReceiveRequest request) {
            this.request = request;
        }
    }

    final SchedulerSettings settings;
    /** By transfer. */
    final Map<Long, Asked> asks = new LinkedHashMap<>();

    private final EndpointSettings endpointSettings;
    private final int maxTransfers;
    private final Consumer<Throwable> fault;
    VirtualEndpoints endpoints;
    long epoch;
    private long gapMillis;
    /** It has been told to end, and will have. */
    boolean shuttingDown;

    SimulatedCoordinator(
            World world,
            SchedulerSettings settings,
            EndpointSettings endpoints,
            int maxTransfers,
            Consumer<Throwable> fault) {
        super(world, "coordinator");
        this.settings = settings;
        this.endpointSettings = endpoints;
        this.maxTransfers = maxTransfers;
        this.fault = fault;
        this.endpoints = begin();
    }

    private VirtualEndpoints begin() {
        epoch++;
        long startMillis = world.nowMillis;
        world.note(name, "starts with epoch " + epoch, null);
        VirtualEndpoints fresh = new VirtualEndpoints(
                endpointSettings,
                settings,
                epoch,
                () -> world.nowMillis - startMillis,
                fault,
                senders -> VirtualPayloads.create(
                        watched(senders),
                        maxTransfers,
                        Duration.ofMillis(STALL_MILLIS),
                        step -> later(STALL_MILLIS, step),
                        world.payloads::nextLong));
        gapMillis = 0;
        shuttingDown = false;
        later(TICK_MILLIS, this::tick);
        return fresh;
    }

    private PayloadSenders watched(PayloadSenders senders) {
        asks.clear();
        return new PayloadSenders() {
            @Override
            public void ask(ReceiveRequest request, long transfer, Receiver receiver) {
                asks.put(transfer, new Asked(request));
                senders.ask(request, transfer, receiver);
            }

            @Override
            public void stopAsking(long transfer) {
                asks.remove(transfer);
                senders.stopAsking(transfer);
            }
        };
    }

    private void tick() {
        long gap = gapMillis;
        gapMillis = 0;
        endpoints.tick(gap);
        later(TICK_MILLIS, this::tick);
    }

    @Override
    void goesOn(long stoppedMillis) {
        gapMillis = stoppedMillis > GAP_MILLIS ? stoppedMillis : 0;
    }

    void crash(Network network, long downMillis) {
        world.note(name, "crashes", null);
        network.serverDied();
        die();
        restart(downMillis);
    }

    /** As on SIGTERM. */
    void shutDown(Network network, long downMillis) {
        world.note(name, "shuts down", null);
        shuttingDown = true;
        deliver(endpoints::shutDown);
        later(300, () -> crash(network, downMillis));
    }

    private void restart(long downMillis) {
        world.after(downMillis, () -> {
            alive = true;
            endpoints = begin();
        });
    }
}
