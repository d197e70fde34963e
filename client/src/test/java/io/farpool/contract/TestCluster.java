package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A coordinator and a daemon in processes of their own, on loopback, without this project's test classes on their class path.
 * Closing it ends both, and they end by themselves when this process does.
 */
final class TestCluster implements AutoCloseable {
    static final int SLOTS = 4;
    private static final long HOST_LEASE_MILLIS = 10_000;
    /** No test waits for it: what ends within a test's deadline has been ended by somebody. */
    private static final long SESSION_LEASE_MILLIS = 600_000;

    private static final Pattern OUT_OF_MEMORY = Pattern.compile("OutOfMemoryError|OutOfDirectMemoryError");

    private final List<Process> processes = new ArrayList<>();
    private final long sessionLeaseMillis;
    private final String heap;
    private final long heldResultsBytes;
    private final Path temporaryDirectory;
    private Process coordinator;
    private Process worker;
    private final String address;

    TestCluster(Path temporaryDirectory) throws IOException {
        this(temporaryDirectory, SESSION_LEASE_MILLIS);
    }

    TestCluster(Path temporaryDirectory, long sessionLeaseMillis) throws IOException {
        this(temporaryDirectory, sessionLeaseMillis, "-Xmx1g");
    }

    /** @param heap the JVM option that bounds that of the coordinator, and that of the worker; without room, they end */
    TestCluster(Path temporaryDirectory, long sessionLeaseMillis, String heap) throws IOException {
        this(
                temporaryDirectory,
                sessionLeaseMillis,
                heap,
                WorkerSettings.defaults().heldFileBytes());
    }

    /** @param heldResultsBytes what a worker may hold of a session's large results, before it starts no more of its tasks */
    TestCluster(Path temporaryDirectory, long sessionLeaseMillis, String heap, long heldResultsBytes)
            throws IOException {
        this.temporaryDirectory = temporaryDirectory;
        this.sessionLeaseMillis = sessionLeaseMillis;
        this.heap = heap;
        this.heldResultsBytes = heldResultsBytes;
        try {
            address = startCoordinator("0");
            Process ignored = startWorker();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts a worker and waits until it is ready. */
    Process startWorker() throws IOException {
        String ignored = start("worker", address, "" + heldResultsBytes);
        worker = processes.get(processes.size() - 1);
        return worker;
    }

    /** The worker that was started last. */
    Process worker() {
        return worker;
    }

    Process coordinator() {
        return coordinator;
    }

    /** Both live, and nothing that either has logged says that it had no memory left: the JVM's heap, or what Netty takes beside it. */
    void assertNeverOutOfMemory() throws IOException {
        assertThat(coordinator.isAlive()).as("the coordinator lives").isTrue();
        assertThat(worker.isAlive()).as("the worker lives").isTrue();
        for (String program : List.of("coordinator", "worker")) {
            assertThat(Files.readAllLines(errorsOf(program)))
                    .as("what the " + program + " logged")
                    .noneMatch(OUT_OF_MEMORY.asPredicate());
        }
    }

    private Path errorsOf(String program) {
        return temporaryDirectory.resolve(program + ".err");
    }

    /** Ends the coordinator, by SIGKILL or by SIGTERM, and waits for its end. */
    void endCoordinator(boolean kill) throws InterruptedException {
        if (kill) {
            coordinator.destroyForcibly();
        } else {
            coordinator.destroy();
        }
        if (!coordinator.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the coordinator does not end");
        }
    }

    /** Starts another coordinator where the one before was. */
    void startCoordinator() throws IOException {
        String ignored = startCoordinator(address.substring(address.lastIndexOf(':') + 1));
    }

    private String startCoordinator(String port) throws IOException {
        String ready = start("coordinator", "" + sessionLeaseMillis, port);
        coordinator = processes.remove(processes.size() - 1);
        processes.add(0, coordinator); // the last to be ended
        return ready;
    }

    String address() {
        return address;
    }

    private String start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + temporaryDirectory,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Path errors = errorsOf(arguments[0]);
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        processes.add(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String ready = out.readLine(); // null when it has ended
        if (ready == null) {
            throw new IOException(String.join(" ", arguments) + " has ended, expected its ready line; it said: "
                    + Files.readString(errors));
        }
        return ready;
    }

    @Override
    public void close() {
        for (int i = processes.size() - 1; i >= 0; i--) {
            Process process = processes.get(i);
            process.destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What runs in the processes: {@code coordinator LEASE PORT}, or {@code worker ADDRESS HELD}. Says in a line that it is ready. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
            endWithParent();
            if (args[0].equals("coordinator")) {
                CoordinatorServer server = CoordinatorServer.start(CoordinatorSettings.defaults()
                        .withPort(Integer.parseInt(args[2]))
                        .withScheduling(SchedulerSettings.defaults()
                                .withLeases(HOST_LEASE_MILLIS, HOST_LEASE_MILLIS, Long.parseLong(args[1]))));
                atShutdown(server::close);
                System.out.println("127.0.0.1:" + server.port());
                server.awaitTermination();
            } else {
                WorkerDaemon daemon = WorkerDaemon.start(WorkerSettings.defaults()
                        .withCoordinator(args[1])
                        .withSlots(SLOTS)
                        .withHeldFileBytes(Long.parseLong(args[2])));
                atShutdown(() -> daemon.drain(Duration.ofSeconds(5)));
                System.out.println("ready");
                daemon.awaitTermination();
            }
        }

        private static void atShutdown(Runnable hook) {
            Runtime.getRuntime().addShutdownHook(new Thread(hook));
        }

        private static void endWithParent() {
            CompletableFuture<Void> halting = ProcessHandle.current()
                    .parent()
                    .orElseThrow()
                    .onExit()
                    .thenRun(() -> Runtime.getRuntime().halt(1));
            if (halting.isDone()) {
                throw new IllegalStateException("the test that started this has ended");
            }
        }
    }
}
