package io.farpool.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.deploy.program.MixedTasks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A program that no host has seen, in a process of its own,")
class ClusterIT {
    private static final Duration DEADLINE = FarpoolProcess.START_DEADLINE;
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(2);

    /** Of the daemons and their worker processes; short, because Unix socket paths must be. */
    @TempDir
    Path tmp;

    @Test
    void runsTenThousandMixedTasksOverTwoHostsAndLeavesNothingBehind() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = coordinator
                    .awaitLine("^coordinator listening on (\\S+)$", DEADLINE)
                    .group(1);
            try (FarpoolProcess one = worker(address, "one");
                    FarpoolProcess two = worker(address, "two")) {
                one.awaitLine("^worker one attached", DEADLINE);
                two.awaitLine("^worker two attached", DEADLINE);

                try (FarpoolProcess client =
                        program(Map.of("FARPOOL_COORDINATOR", address), "10000", "and one that kills its process")) {
                    assertThat(client.awaitExit(RUN_DEADLINE))
                            .as(client.toString())
                            .isZero();
                    assertThat(client.stdout())
                            .as(client.toString())
                            .contains("right 10000 of 10000\n", "hosts [one, two]\n", "exit 7\n", "after 10\n");
                }
                assertThat(one.stop(DEADLINE)).as(one.toString()).isZero();
                assertThat(two.stop(DEADLINE)).as(two.toString()).isZero();
            }
            assertThat(coordinator.stop(DEADLINE)).as(coordinator.toString()).isZero();
        }
        assertNothingLeft();
    }

    @Test
    void runsTheSameOnThisMachineWithoutTheVariable() throws Exception {
        try (FarpoolProcess client = program(Map.of(), "2000")) {
            assertThat(client.awaitExit(RUN_DEADLINE)).as(client.toString()).isZero();
            assertThat(client.stdout()).as(client.toString()).contains("right 2000 of 2000\n");
            assertThat(client.stdout()).doesNotContain("hosts [one");
        }
        assertNothingLeft();
    }

    @Test
    void finishesItsTaskWhenControlCIsPressedOnTheWorkersTerminal() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = coordinator
                    .awaitLine("^coordinator listening on (\\S+)$", DEADLINE)
                    .group(1);
            try (FarpoolProcess worker = FarpoolProcess.onTerminal(
                    Map.of("FARPOOL_JAVA_OPTS", javaOptions()), "worker", "--coordinator", address, "--name", "one")) {
                assumeTrue(worker != null, "NOT TESTED: Ctrl-C on a worker's terminal, for there is no script command");
                worker.awaitLine("^worker one attached", DEADLINE);
                String gate = tmp.resolve("gate").toString();
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect(address);
                try {
                    PoolFuture<Boolean> future = pool.submit(() -> {
                        while (!Files.exists(Path.of(gate))) {
                            Thread.sleep(1);
                        }
                        return Files.deleteIfExists(Path.of(gate));
                    });
                    worker.awaitLine("event=process-launched", DEADLINE);
                    long endNanos = System.nanoTime() + DEADLINE.toNanos();
                    while (!future.running()) {
                        assertThat(System.nanoTime() - endNanos).as("it runs").isNegative();
                        Thread.onSpinWait();
                    }
                    worker.pressControlC();
                    worker.awaitLine("event=draining", DEADLINE);
                    Files.createFile(Path.of(gate));
                    assertThat(future.result(DEADLINE)).isTrue();
                } finally {
                    // Without waiting: should something have failed, the task waits for ever.
                    pool.terminateWorkers();
                }
                assertThat(pool.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(worker.awaitExit(DEADLINE)).as(worker.toString()).isZero();
            }
            assertThat(coordinator.stop(DEADLINE)).as(coordinator.toString()).isZero();
        }
        assertNothingLeft();
    }

    @Test
    void saysInOneLineThatNoCoordinatorAnswers() throws Exception {
        try (FarpoolProcess example = farpool("example", "primes", "--coordinator", "127.0.0.1:9")) {
            assertThat(example.awaitExit(RUN_DEADLINE)).as(example.toString()).isEqualTo(1);
            assertThat(example.stderr())
                    .as(example.toString())
                    .contains("no coordinator answers at 127.0.0.1:9")
                    .doesNotContain("\tat ");
        }
    }

    private FarpoolProcess worker(String address, String name) throws IOException {
        return farpool("worker", "--coordinator", address, "--slots", "2", "--name", name);
    }

    private FarpoolProcess farpool(String... arguments) throws IOException {
        return FarpoolProcess.farpool(Map.of("FARPOOL_JAVA_OPTS", javaOptions()), arguments);
    }

    private String javaOptions() {
        return "-Xmx256m -XX:-UsePerfData -Djava.io.tmpdir=" + tmp;
    }

    /** The program on a class path of its own: its classes, and the client library. */
    private FarpoolProcess program(Map<String, String> environment, String... arguments) throws Exception {
        Path classes = Path.of(MixedTasks.class
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
                MixedTasks.class.getName()));
        command.addAll(List.of(arguments));
        return FarpoolProcess.start(environment, command);
    }

    private void assertNothingLeft() throws IOException {
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(tmp.toString()))
                        .map(process -> process.pid() + " "
                                + process.info().commandLine().orElse(""))
                        .toList())
                .as("processes left")
                .isEmpty();
        try (Stream<Path> left = Files.list(tmp)) {
            assertThat(left).as("files left in the temporary directory").isEmpty();
        }
    }
}
