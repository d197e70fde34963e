package io.farpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a pool whose coordinator cannot be reached. */
@Timeout(60)
class ConnectTest {
    @Test
    @DisplayName("a target that is neither host:port nor a gRPC target is refused, naming it")
    void refusesWhatIsNoTarget() {
        for (String target : new String[] {"", "host", "host:", "host:0", "host:70000", "nothing:///there"}) {
            assertThatThrownBy(() -> ProcessPoolExecutor.connect(target))
                    .as(target)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(target);
        }
        assertThatThrownBy(() -> ProcessPoolExecutor.connect(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName(
            "where no coordinator answers, futures fail when the time for connecting is up, and the pool is broken")
    void failsWithoutACoordinator() throws Exception {
        int port = unusedPort();
        for (String target : List.of("127.0.0.1:" + port, "dns:///127.0.0.1:" + port)) {
            assertBreaks(target);
        }
    }

    @Test
    @DisplayName("where somebody takes connections and says nothing, it is the same")
    void failsWithoutAWord() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertBreaks("127.0.0.1:" + silent.getLocalPort());
        }
    }

    private static void assertBreaks(String target) throws Exception {
        ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .coordinator(target)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
        List<PoolFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            futures.add(pool.submit(() -> number));
        }
        for (PoolFuture<Integer> future : futures) {
            assertThat(future.exception(Duration.ofSeconds(30)))
                    .isInstanceOf(BrokenExecutorException.class)
                    .hasMessageContaining(target)
                    .hasMessageContaining("2000 ms");
        }
        assertThatThrownBy(() -> pool.submit(() -> 1)).isInstanceOf(BrokenExecutorException.class);
        pool.shutdown();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket briefly = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return briefly.getLocalPort();
        }
    }
}
