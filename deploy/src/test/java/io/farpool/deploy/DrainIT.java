package io.farpool.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.deploy.program.WaitingTasks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worker one has a task that waits for a file, and more behind it; worker two comes when they are there. */
@DisplayName("A worker that is sent SIGTERM")
class DrainIT {
    private static final Duration DEADLINE = FarpoolProcess.START_DEADLINE;
    private static final int OTHERS = 6;

    /** Of the daemons and their worker processes; short, because Unix socket paths must be. */
    @TempDir
    private Path tmp;

    @Test
    @DisplayName("stops taking new work, finishes what runs, hands back the rest unused, and exits with 0")
    void drains() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = address(coordinator);
            try (FarpoolProcess one = worker(address, "one", "60s");
                    FarpoolProcess client = client(address)) {
                await("the task that waits", () -> Files.exists(tmp.resolve("started-on-one")));
                one.signal("TERM");
                try (FarpoolProcess two = worker(address, "two", "60s")) {
                    client.awaitLine("^other: two attempt 1$", DEADLINE);
                    await("all others", () -> client.stdout().lines().count() == OTHERS);
                    assertThat(one.handle().isAlive())
                            .as("it waits for what runs")
                            .isTrue();
                    Files.createFile(tmp.resolve("go"));
                    assertThat(client.awaitExit(DEADLINE)).as(client.toString()).isZero();
                    assertThat(client.stdout())
                            .isEqualTo("other: two attempt 1\n".repeat(OTHERS) + "waiting: one attempt 1\n");
                    assertThat(one.awaitExit(DEADLINE)).as(one.toString()).isZero();
                    assertThat(two.stop(DEADLINE)).as(two.toString()).isZero();
                }
            }
            assertThat(coordinator.stop(DEADLINE)).as(coordinator.toString()).isZero();
        }
    }

    @Test
    @DisplayName(
            "ends what still runs when the drain time-out has passed; it runs again elsewhere, and the exit status is 0")
    void runsOutOfTime() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = address(coordinator);
            try (FarpoolProcess one = worker(address, "one", "500ms");
                    FarpoolProcess client = client(address)) {
                await("the task that waits", () -> Files.exists(tmp.resolve("started-on-one")));
                try (FarpoolProcess two = worker(address, "two", "60s")) {
                    assertThat(one.stop(DEADLINE)).as(one.toString()).isZero();
                    await("the task that waits, again", () -> Files.exists(tmp.resolve("started-on-two")));
                    Files.createFile(tmp.resolve("go"));
                    assertThat(client.awaitExit(DEADLINE)).as(client.toString()).isZero();
                    assertThat(client.stdout()).endsWith("waiting: two attempt 2\n");
                    assertThat(two.stop(DEADLINE)).as(two.toString()).isZero();
                }
            }
            assertThat(coordinator.stop(DEADLINE)).as(coordinator.toString()).isZero();
        }
    }

    @Test
    @DisplayName("a second time ends at once, and its worker processes with it")
    void secondSignal() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = address(coordinator);
            try (FarpoolProcess one = worker(address, "one", "10m");
                    FarpoolProcess client = client(address)) {
                await("the task that waits", () -> Files.exists(tmp.resolve("started-on-one")));
                List<ProcessHandle> processes = one.handle().descendants().toList();
                assertThat(processes).isNotEmpty();
                one.signal("TERM");
                one.awaitLine("event=draining", DEADLINE);
                one.signal("TERM");
                assertThat(one.awaitExit(DEADLINE)).as(one.toString()).isEqualTo(143);
                await("its processes to end", () -> processes.stream().noneMatch(ProcessHandle::isAlive));
                client.close();
            }
        }
    }

    @Test
    @DisplayName("after it was stopped for a while (SIGSTOP) says so, and its task runs on")
    void wasStopped() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = address(coordinator);
            try (FarpoolProcess one = worker(address, "one", "60s");
                    FarpoolProcess client = client(address)) {
                await("the task that waits", () -> Files.exists(tmp.resolve("started-on-one")));
                one.signal("STOP");
                Thread.sleep(4_000);
                one.signal("CONT");
                one.awaitLine("event=stopped host=one gap_ms=\\d{4,} ", DEADLINE);
                Files.createFile(tmp.resolve("go"));
                assertThat(client.awaitExit(DEADLINE)).as(client.toString()).isZero();
                assertThat(client.stdout()).endsWith("waiting: one attempt 1\n");
                assertThat(one.stop(DEADLINE)).as(one.toString()).isZero();
            }
        }
    }

    private static String address(FarpoolProcess coordinator) throws Exception {
        return coordinator
                .awaitLine("^coordinator listening on (\\S+)$", DEADLINE)
                .group(1);
    }

    private FarpoolProcess worker(String address, String name, String drainTimeout) throws Exception {
        FarpoolProcess worker = farpool(
                "worker", "--coordinator", address, "--slots", "1", "--name", name, "--drain-timeout", drainTimeout);
        worker.awaitLine("^worker " + name + " attached", DEADLINE);
        return worker;
    }

    private FarpoolProcess farpool(String... arguments) throws IOException {
        return FarpoolProcess.farpool(
                Map.of("FARPOOL_JAVA_OPTS", "-Xmx256m -XX:-UsePerfData -Djava.io.tmpdir=" + tmp), arguments);
    }

    private FarpoolProcess client(String address) throws Exception {
        Path classes = Path.of(WaitingTasks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path library = FarpoolProcess.distribution().resolve("lib");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                String.join(File.pathSeparator, classes.toString(), library + "/*", library + "/examples/*"),
                WaitingTasks.class.getName(),
                tmp.toString(),
                Integer.toString(OTHERS)));
        return FarpoolProcess.start(Map.of("FARPOOL_COORDINATOR", address), command);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + DEADLINE + " for " + what);
            }
            Thread.sleep(20);
        }
    }
}
