package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The host core against made-up coordinators that come and go, and made-up processes that are slow, crash, ignore interrupts
 * and lose their last words, in an order that a seed decides. {@code -Dfarpool.sim.seed=N} repeats one, {@code
 * -Dfarpool.sim.seeds=N} runs so many.
 *
 * <p>After every event: no more processes than slots, none beyond its session's quota, nothing started twice or without a
 * lease. On every attaching: the state pages name exactly what is wanted, each under its one name, with every outcome that
 * is not acknowledged, unchanged; what is not there has not started. No process is told of a file that is not there (yet, or
 * any more), none is removed twice. In the end: every attempt has ended exactly once, to
 * whoever owned it, only those that had started were blamed, and nothing is left.
 */
class HostSimulationTest {
    private static final int SEEDS = 400;

    @Test
    void everyAttemptEndsExactlyOnceWhateverHappens() {
        Long one = Long.getLong("farpool.sim.seed");
        long first = one == null ? 0 : one;
        long seeds = one == null ? Long.getLong("farpool.sim.seeds", SEEDS) : 1;
        int crashes = 0;
        int steals = 0;
        int epochs = 0;
        int adopted = 0;
        int dropped = 0;
        int heldOutcomes = 0;
        int fetches = 0;
        int files = 0;
        int sent = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            HostSimulation simulation = new HostSimulation(seed);
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(
                        "seed " + seed + " (repeat with -Dfarpool.sim.seed=" + seed + "): " + broken.getMessage(),
                        broken);
            }
            crashes += simulation.crashes;
            steals += simulation.withdrawals;
            epochs += simulation.epochs;
            adopted += simulation.coordinator.adopted;
            dropped += simulation.coordinator.dropped;
            heldOutcomes += simulation.coordinator.heldOutcomes;
            fetches += simulation.files.fetched;
            files += simulation.files.claimed;
            sent += simulation.files.sent;
        }
        if (one == null) {
            assertThat(crashes).as("processes that crashed").isGreaterThan(SEEDS);
            assertThat(steals).as("tasks taken back").isGreaterThan(SEEDS);
            assertThat(epochs).as("coordinators").isGreaterThan(3 * SEEDS);
            assertThat(adopted).as("adoptions").isGreaterThan(5 * SEEDS);
            assertThat(dropped).as("drops").isGreaterThan(SEEDS);
            assertThat(heldOutcomes).as("outcomes on state pages").isGreaterThan(SEEDS);
            assertThat(fetches).as("payloads fetched").isGreaterThan(5 * SEEDS);
            assertThat(files).as("results in files").isGreaterThan(5 * SEEDS);
            assertThat(sent).as("results sent").isGreaterThan(SEEDS);
        }
    }
}
