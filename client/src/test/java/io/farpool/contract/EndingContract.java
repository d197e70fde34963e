package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract line 32, and where output goes by default: what a program's end means for its worker processes. */
abstract class EndingContract extends Contract {
    private static final int WORKERS = 2;
    private static final int PRINTED = 1_000;

    @Override
    protected abstract ProcessBackend backend();

    /** Ways for a program to end. */
    enum End {
        SYSTEM_EXIT,
        HALT,
        EXCEPTION,
        SIGTERM,
        SIGINT,
        SIGKILL
    }

    @ParameterizedTest(name = "32. {0} of the client leaves no process behind")
    @EnumSource
    void leavesNoProcessBehind(End end) throws Exception {
        Trace trace = newTrace();
        Gate gate = newGate();
        Process client = start(end.name(), trace.file(), gate.file());
        try (BufferedReader out = client.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).as("what the client says").isEqualTo("all run");
            switch (end) {
                case SYSTEM_EXIT, HALT, EXCEPTION -> gate.open();
                case SIGTERM -> signal(client, "-TERM");
                case SIGINT -> signal(client, "-INT");
                case SIGKILL -> signal(client, "-KILL");
            }
            assertThat(client.waitFor(30, TimeUnit.SECONDS))
                    .as("the client ends")
                    .isTrue();
            assertThat(client.exitValue()).isNotZero();
        } finally {
            client.destroyForcibly();
        }
        assertThat(trace.lines()).hasSize(WORKERS);
        Tasks.awaitEnd(trace);
    }

    @Test
    @DisplayName("what tasks print is printed by the client, as it is when embedded, with host and pid from a cluster")
    void printsWhatTasksPrint() throws Exception {
        Process client = start("PRINT", "", "");
        try (BufferedReader out = client.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = out.lines().toList();
            String prefix = backend().coordinator() == null ? "" : "\\(\\S+:\\d+\\) ";
            assertThat(lines).hasSize(PRINTED + 1);
            for (int i = 0; i < PRINTED; i++) {
                assertThat(lines.get(i)).matches(prefix + "hello from a task " + i);
            }
            assertThat(lines.get(PRINTED)).matches(prefix + "and no end");
            assertThat(Files.readAllLines(directory.resolve("client.err")))
                    .anyMatch(line -> line.matches(prefix + "an error"));
            assertThat(client.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(client.exitValue()).isZero();
        } finally {
            client.destroyForcibly();
        }
    }

    private Process start(String... arguments) throws Exception {
        String coordinator = backend().coordinator();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                Client.class.getName(),
                coordinator == null ? "" : coordinator));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("client.err").toFile())
                .start();
    }

    private static void signal(Process process, String signal) throws Exception {
        int status =
                new ProcessBuilder("kill", signal, "" + process.pid()).start().waitFor();
        assertThat(status).isZero();
    }

    /** A program: {@code COORDINATOR END TRACE GATE}. */
    @SuppressWarnings("SystemOut")
    static final class Client {
        private Client() {}

        public static void main(String[] args) throws Exception {
            ProcessPoolExecutor pool = new ProcessBackend(args[0].isEmpty() ? null : args[0])
                    .builder(WORKERS)
                    .build();
            if (args[1].equals("PRINT")) {
                try (pool) {
                    PoolFuture<?> ignored = pool.submit(() -> {
                        for (int i = 0; i < PRINTED; i++) {
                            System.out.println("hello from a task " + i);
                        }
                        System.err.println("an error");
                        System.out.print("and no end");
                    });
                }
                return;
            }
            Trace trace = new Trace(args[2]);
            Gate gate = new Gate(args[3]);
            End end = End.valueOf(args[1]);
            List<PoolFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                // An exception in main, and it alone, lets the pending tasks finish.
                futures.add(
                        end == End.EXCEPTION
                                ? pool.submit(() -> {
                                    trace.add("" + Tasks.pid());
                                    return gate.await();
                                })
                                : pool.submit(() -> Tasks.ignoreInterrupts(trace)));
            }
            Await.until("all run", () -> trace.lines().size() == WORKERS);
            System.out.println("all run");
            boolean ignored = gate.await();
            switch (end) {
                case SYSTEM_EXIT -> System.exit(3);
                case HALT -> Runtime.getRuntime().halt(3);
                case EXCEPTION -> throw new IllegalStateException("main fails with " + futures.size() + " pending");
                case SIGTERM, SIGINT, SIGKILL -> throw new IllegalStateException("still here");
            }
        }
    }
}
