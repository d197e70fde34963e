package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.wire.Protocol;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many worker processes may be asked for. */
@Timeout(60)
class PoolSizeIT {
    @Test
    @DisplayName("on this machine no more than a host may have slots, since the pool's own host would be refused")
    void isBoundedOnThisMachine() {
        assertThatThrownBy(() -> ProcessPoolExecutor.create(Protocol.MAX_SLOTS + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxWorkers is 100001; on this machine it must be at most 100000, only a cluster has more");
    }

    @Test
    @DisplayName("as many as that run tasks")
    void theMostRunTasks() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(Protocol.MAX_SLOTS)) {
            assertThat(pool.submit(() -> 41 + 1).result()).isEqualTo(42);
        }
    }

    @Test
    @DisplayName("less than one is refused")
    void isAtLeastOne() {
        assertThatThrownBy(() -> ProcessPoolExecutor.create(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxWorkers is 0; it must be at least 1");
    }
}
