package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many small clusters with everything that goes wrong in them, each from one seed. A failure names its seed; {@code
 * -Dfarpool.sim.seed=N} repeats that one, {@code -Dfarpool.sim.seeds=N} runs so many.
 */
class SchedulerSimulationTest {
    private static final int SEEDS_PER_GROUP = 25;

    static LongStream groups() {
        if (Long.getLong("farpool.sim.seed") != null) {
            return LongStream.empty();
        }
        return LongStream.range(0, Math.max(1, Long.getLong("farpool.sim.seeds", 500) / SEEDS_PER_GROUP));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("groups")
    void everyRuleHoldsAfterEveryEvent(long group) {
        for (long seed = group * SEEDS_PER_GROUP; seed < (group + 1) * SEEDS_PER_GROUP; seed++) {
            run(seed);
        }
    }

    @Test
    void theSeedAskedForIsRunAlone() {
        Long seed = Long.getLong("farpool.sim.seed");
        if (seed != null) {
            run(seed);
        }
    }

    @Test
    void theSameSeedTakesTheSameCourse() {
        Simulation first = new Simulation(7);
        first.run();
        Simulation second = new Simulation(7);
        second.run();
        assertThat(second.course()).isEqualTo(first.course());
    }

    private static void run(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            simulation.run();
        } catch (RuntimeException | AssertionError failed) {
            throw new AssertionError(
                    "seed " + seed + " (repeat with -Dfarpool.sim.seed=" + seed + "): " + simulation.whereItStands(),
                    failed);
        }
    }
}
