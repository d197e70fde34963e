package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.BrokenProcessPoolException;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of clients, and of a daemon, on a cluster whose coordinator does not wait long for a client that has gone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class KilledIT {
    private static final long SESSION_LEASE_MILLIS = 2_000;

    @TempDir
    static Path temporaryDirectory;

    private TestCluster cluster;

    @BeforeAll
    void startCluster() throws IOException {
        cluster = new TestCluster(temporaryDirectory, SESSION_LEASE_MILLIS);
    }

    @AfterAll
    void endCluster() {
        cluster.close();
    }

    @Nested
    class Embedded extends KilledClientContract {
        @Override
        protected ProcessBackend backend() {
            return new ProcessBackend(null);
        }
    }

    @Nested
    class OnACluster extends KilledClientContract {
        @Override
        protected ProcessBackend backend() {
            return new ProcessBackend(cluster.address());
        }
    }

    @Test
    @DisplayName("SIGKILL of a daemon leaves no process, and its files to the next one")
    void killedDaemon(@TempDir Path directory) throws Exception {
        Trace trace = new Trace(directory.resolve("trace").toString());
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.connect(cluster.address())) {
            PoolFuture<?> future = pool.submit(() -> {
                Tasks.startSleep(trace);
                Tasks.spin(trace);
            });
            Await.until("it runs", () -> trace.lines().size() == 2);
            List<Path> left = directoriesOf(cluster.worker());
            assertThat(left).hasSize(2);
            cluster.worker().destroyForcibly();
            Tasks.awaitEnd(trace);
            assertThat(left).allMatch(Files::isDirectory);
            Process next = cluster.startWorker();
            Await.until("what it left is gone", () -> left.stream().noneMatch(Files::exists));
            assertThat(directoriesOf(next)).isNotEmpty();
            pool.killWorkers();
            assertThat(future.exception()).isInstanceOf(BrokenProcessPoolException.class);
        }
    }

    private static List<Path> directoriesOf(Process daemon) throws IOException {
        try (Stream<Path> all = Files.list(temporaryDirectory)) {
            return all.filter(
                            path -> path.getFileName().toString().matches("farpool-(cache-)?" + daemon.pid() + "-\\d+"))
                    .toList();
        }
    }
}
