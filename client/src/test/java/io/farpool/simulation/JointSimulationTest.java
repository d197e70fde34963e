package io.farpool.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The real cores of clients, a coordinator and hosts, with the coordinator's real endpoints and the client's real streams,
 * joined by a simulated network on virtual time, with payloads that are relayed in two thirds of the runs. {@code -Dfarpool.sim.seed=N} repeats one run, {@code -Dfarpool.sim.seeds=N
 * -Dfarpool.sim.first=M} runs so many from one on. {@link Rules} says what is checked.
 */
class JointSimulationTest {
    private static final int SEEDS = 500;

    @Test
    void everyFutureCompletesExactlyOnceWhateverDies() {
        Long one = Long.getLong("farpool.sim.seed");
        long first = one == null ? Long.getLong("farpool.sim.first", 0) : one;
        long seeds = one == null ? Long.getLong("farpool.sim.seeds", SEEDS) : 1;
        long completions = 0;
        long losses = 0;
        long unaccounted = 0;
        long received = 0;
        long offersLost = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            Simulation simulation = run(seed);
            completions += simulation.rules.completions;
            losses += simulation.rules.losses;
            unaccounted += simulation.rules.unaccounted;
            received += simulation.rules.received;
            offersLost += simulation.rules.offersLost;
        }
        if (one == null && seeds >= SEEDS) {
            assertThat(completions).as("futures completed").isGreaterThan(10 * seeds);
            assertThat(losses).as("tasks lost").isGreaterThan(seeds);
            assertThat(unaccounted)
                    .as("granted attempts lost with a coordinator")
                    .isPositive();
            assertThat(received).as("large outcomes received").isGreaterThan(seeds);
            assertThat(offersLost)
                    .as("large outcomes lost with their hosts before they were received")
                    .isPositive();
        }
    }

    /** Slots once changed hands before the processes in them had started, for ever. A seed means this only while chance is asked in the same order. */
    @Test
    void sessionsTakeTurnsAlsoWhereProcessesTakeLongerToStartThanTheQuantum() {
        assertThat(run(459).slowStarts).isTrue();
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 0; seed < 5; seed++) {
            assertThat(run(seed).world.course).as("course of seed %d", seed).isEqualTo(run(seed).world.course);
        }
    }

    private static Simulation run(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError(
                    "seed " + seed + " (repeat with -Dfarpool.sim.seed=" + seed + "): " + broken.getMessage() + "\n"
                            + simulation.whereItStands() + "\n" + simulation.world.story(),
                    broken);
        }
        return simulation;
    }
}
