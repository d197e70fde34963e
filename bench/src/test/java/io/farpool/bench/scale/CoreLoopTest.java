package io.farpool.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CoreLoopTest {
    @Test
    void everySlotHasATaskAndEveryTurnCompletesItsTasks() {
        CoreLoop core = new CoreLoop(20, 4, 1_000);
        assertThat(core.running()).isGreaterThanOrEqualTo(80);
        long before = core.turn(10);
        for (int i = 0; i < 50; i++) {
            before += 10;
            assertThat(core.turn(10)).isEqualTo(before);
            assertThat(core.running()).isGreaterThanOrEqualTo(80);
        }
    }
}
