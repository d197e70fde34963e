package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeepAliveTest {
    private final String name = "keeping-alive-" + System.nanoTime();
    private final KeepAlive keepAlive = new KeepAlive(name);

    @Test
    void aThreadLivesWhileAnythingIsHeld() {
        assertThat(keeper()).isEmpty();
        keepAlive.hold();
        keepAlive.hold();
        Thread keeper = keeper().orElseThrow();
        assertThat(keeper.isDaemon()).isFalse();
        keepAlive.release();
        assertThat(keeper.isAlive()).isTrue();
        keepAlive.release();
        Await.until("the thread ends", () -> !keeper.isAlive());
        keepAlive.hold();
        assertThat(keeper()).isPresent();
        keepAlive.release();
        Await.until("the second ends", () -> keeper().isEmpty());
    }

    @Test
    void endsAlsoWhenManyHoldAndReleaseAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < 20_000; round++) {
                    keepAlive.hold();
                    keepAlive.release();
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        keepAlive.hold();
        assertThat(keeper()).isPresent();
        keepAlive.release();
        Await.until("the thread ends", () -> keeper().isEmpty());
    }

    private Optional<Thread> keeper() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findAny();
    }
}
