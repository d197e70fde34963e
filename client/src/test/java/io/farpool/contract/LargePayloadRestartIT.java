package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A coordinator that ends while large payloads go through it both ways. */
@Timeout(600)
class LargePayloadRestartIT {
    private static final int TASKS = 60;
    private static final int BYTES = 4 << 20;
    /** A task moves 8 MiB over two connections and through files, on a machine however busy. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path temporaryDirectory;

    @ParameterizedTest(name = "killed: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("a restart of the coordinator loses no large payload, and runs no task twice")
    void restart(boolean killed, @TempDir Path traces) throws Exception {
        Trace trace = new Trace(traces.resolve("trace").toString());
        try (TestCluster cluster = new TestCluster(temporaryDirectory);
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect(cluster.address())) {
            List<PoolFuture<byte[]>> futures = new ArrayList<>();
            for (int i = 0; i < TASKS; i++) {
                byte[] argument = new byte[BYTES];
                argument[BYTES / 2] = (byte) i;
                futures.add((i % 5 == 0 ? pool.with(TaskOptions.defaults().attempts(1)) : pool)
                        .submit(LargePayloadRestartIT::recorded, trace, argument));
            }
            for (int restart = 1; restart <= 2; restart++) {
                int some = restart * TASKS / 4;
                Await.until("some have run", PATIENCE, () -> trace.lines().size() >= some);
                cluster.endCoordinator(killed);
                cluster.startCoordinator();
            }
            for (int i = 0; i < TASKS; i++) {
                byte[] result = futures.get(i).result(Duration.ofMinutes(2));
                assertThat(result).hasSize(BYTES);
                assertThat(result[BYTES / 2]).isEqualTo((byte) -i);
            }
            Map<String, Integer> runs = new HashMap<>();
            trace.lines().forEach(line -> runs.merge(line, 1, Integer::sum));
            assertThat(runs).hasSize(TASKS);
            assertThat(runs).allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
        }
    }

    private static byte[] recorded(Trace trace, byte[] argument) {
        trace.add("" + argument[BYTES / 2]);
        argument[BYTES / 2] = (byte) -argument[BYTES / 2];
        return argument;
    }
}
