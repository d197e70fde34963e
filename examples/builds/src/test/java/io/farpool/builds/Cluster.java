package io.farpool.builds;

import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A coordinator and a worker in processes of their own, on loopback: one cluster for all tests that ask for it by a parameter,
 * ended after the last.
 */
final class Cluster implements AutoCloseable {
    static final int SLOTS = 2;

    private final Deque<Process> processes = new ArrayDeque<>();
    private final String address;

    Cluster(Path workersJavaHome) throws IOException {
        try {
            address = start(Path.of(System.getProperty("java.home")), "coordinator");
            String ignored = start(workersJavaHome, "worker", address);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Host and port. */
    String address() {
        return address;
    }

    private String start(Path javaHome, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                javaHome.resolve("bin").resolve("java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                Builds.farpool(),
                Main.class.getName());
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.push(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String ready = out.readLine(); // null when it has ended
        if (ready == null) {
            throw new IOException(String.join(" ", arguments) + " has ended, expected its ready line");
        }
        return ready;
    }

    @Override
    public void close() {
        for (Process process : processes) {
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

    /** Gives tests the cluster. */
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Cluster.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(Cluster.class))
                    .computeIfAbsent(Cluster.class, key -> started(), Cluster.class);
        }

        private static Cluster started() {
            try {
                return new Cluster(Path.of(System.getProperty("java.home")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What runs in the processes: {@code coordinator}, or {@code worker ADDRESS}. Says in a line that it is ready. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
            endWithParent();
            if (args[0].equals("coordinator")) {
                CoordinatorServer server =
                        CoordinatorServer.start(CoordinatorSettings.defaults().withPort(0));
                Runtime.getRuntime().addShutdownHook(new Thread(server::close));
                System.out.println("127.0.0.1:" + server.port());
                server.awaitTermination();
            } else {
                WorkerDaemon daemon = WorkerDaemon.start(
                        WorkerSettings.defaults().withCoordinator(args[1]).withSlots(SLOTS));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> daemon.drain(Duration.ofSeconds(5))));
                System.out.println("ready");
                daemon.awaitTermination();
            }
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
