package io.farpool.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.coordinator.Coordinator;
import io.farpool.coordinator.CoordinatorSettings;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DirectLinkTest {
    @Test
    void makesOneCoordinator() {
        AtomicInteger made = new AtomicInteger();
        DirectLink link = new DirectLink(() -> {
            made.incrementAndGet();
            return Coordinator.create(CoordinatorSettings.defaults());
        });
        assertThat(made).hasValue(0);
        try (Coordinator coordinator = link.coordinator()) {
            assertThat(link.coordinator()).isSameAs(coordinator);
            assertThat(made).hasValue(1);
        }
    }

    /** A daemon that could not attach does not try again: a later coordinator would have no host, and its tasks would wait for ever. */
    @Test
    void makesNoneAfterItHasFailedOnce() {
        AtomicInteger tries = new AtomicInteger();
        RuntimeException noThread = new RuntimeException("no thread to be had");
        DirectLink link = new DirectLink(() -> {
            if (tries.incrementAndGet() == 1) {
                throw noThread;
            }
            return Coordinator.create(CoordinatorSettings.defaults());
        });
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(link::coordinator)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no thread to be had")
                    .hasCause(noThread);
        }
        assertThat(tries).hasValue(1);
    }
}
