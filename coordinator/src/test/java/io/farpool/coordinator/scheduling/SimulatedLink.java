package io.farpool.coordinator.scheduling;

import java.util.function.Consumer;

/** A stream in both directions: messages take a while, keep their order, and are lost when it breaks. */
final class SimulatedLink {
    static final int SLOWEST_MILLIS = 8;

    private final Simulation simulation;
    private final Consumer<Decision> receiver;
    private int life;
    private int outLife;
    private boolean up;
    private long lastOutMillis;
    private long lastInMillis;

    SimulatedLink(Simulation simulation, Consumer<Decision> receiver) {
        this.simulation = simulation;
        this.receiver = receiver;
    }

    boolean up() {
        return up;
    }

    void connect() {
        life++;
        up = true;
    }

    void cut() {
        life++;
        up = false;
    }

    /** The way from the scheduler breaks and is there again; the other one stays. */
    void loseWhatComes() {
        outLife++;
    }

    void fromScheduler(Decision decision) {
        if (!up) {
            return;
        }
        int sentIn = life;
        int outIn = outLife;
        lastOutMillis = arrival(lastOutMillis);
        simulation.after(lastOutMillis - simulation.nowMillis, () -> {
            if (life == sentIn && outLife == outIn) {
                receiver.accept(decision);
            }
        });
    }

    void toScheduler(Event... together) {
        if (!up) {
            return;
        }
        int sentIn = life;
        lastInMillis = arrival(lastInMillis);
        simulation.after(lastInMillis - simulation.nowMillis, () -> {
            if (life == sentIn) {
                simulation.tell(together);
            }
        });
    }

    private long arrival(long last) {
        return Math.max(last, simulation.nowMillis + simulation.random.nextInt(SLOWEST_MILLIS));
    }
}
