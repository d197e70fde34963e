package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A coordinator that ends in the middle of many tasks, and another in its place, which knows nothing of them. */
@Timeout(300)
class CoordinatorRestartIT {
    private static final int TASKS = 10_000;
    private static final int RESTARTS = 2;
    private static final TaskOptions ONCE = TaskOptions.defaults().attempts(1);

    @TempDir
    Path temporaryDirectory;

    @SuppressWarnings("SystemOut") // how long it takes belongs into the report
    @ParameterizedTest(name = "killed: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("a restart of the coordinator loses no task, and runs none twice")
    void restart(boolean killed, @TempDir Path traces) throws Exception {
        Trace trace = new Trace(traces.resolve("trace").toString());
        try (TestCluster cluster = new TestCluster(temporaryDirectory);
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect(cluster.address())) {
            PoolExecutor once = pool.with(ONCE);
            List<PoolFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < TASKS; i++) {
                int number = i;
                futures.add((i % 10 == 0 ? once : pool).submit(() -> recorded(trace, number)));
            }
            for (int restart = 1; restart <= RESTARTS; restart++) {
                int some = restart * TASKS / (RESTARTS + 2);
                Await.until("some have run", () -> trace.lines().size() >= some);
                long endedNanos = System.nanoTime();
                cluster.endCoordinator(killed);
                long before = done(futures);
                cluster.startCoordinator();
                Await.until("one more is done", () -> done(futures) > before);
                System.out.println(
                        "coordinator " + (killed ? "killed" : "stopped") + " and started anew: a result after "
                                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - endedNanos) + " ms");
            }
            for (int i = 0; i < TASKS; i++) {
                assertThat(futures.get(i).result(Duration.ofMinutes(2)))
                        .as("task %s", i)
                        .isEqualTo(i * i);
            }
            Map<String, Integer> runs = new HashMap<>();
            trace.lines().forEach(line -> runs.merge(line, 1, Integer::sum));
            assertThat(runs.keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, TASKS).mapToObj(i -> "" + i).toList());
            assertThat(runs).allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
            assertThat(pool.submit(Tasks::square, 7).result(Duration.ofSeconds(30)))
                    .isEqualTo(49);
        }
    }

    private static long done(List<PoolFuture<Integer>> futures) {
        return futures.stream().filter(PoolFuture::isDone).count();
    }

    private static int recorded(Trace trace, int number) throws InterruptedException {
        trace.add("" + number);
        Thread.sleep(2); // so that some are running at any moment
        return number * number;
    }
}
