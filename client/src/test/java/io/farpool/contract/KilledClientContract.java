package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteRunnable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract line 32, for the ends that a program cannot do anything about. */
abstract class KilledClientContract extends Contract {
    @Override
    protected abstract ProcessBackend backend();

    /** Ways for a program to end by which no exit hook is run. */
    enum Kill {
        HALT,
        SIGKILL
    }

    @ParameterizedTest(name = "32. {0} of the client leaves no process, whatever its tasks do")
    @EnumSource
    void leavesNoProcessBehind(Kill kill) throws Exception {
        Trace trace = newTrace();
        Gate gate = newGate();
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        try (ClientProgram client = ClientProgram.start(
                directory, Client.class, backend().coordinator(), trace.file(), gate.file(), pipe.toString())) {
            assertThat(client.readLine()).isEqualTo("all run");
            switch (kill) {
                case HALT -> gate.open();
                case SIGKILL -> client.signal("KILL");
            }
            assertThat(client.exitStatus()).isEqualTo(kill == Kill.HALT ? 3 : 137);
        }
        assertThat(trace.lines()).hasSize(4);
        Tasks.awaitEnd(trace);
    }

    @Test
    @DisplayName("32. SIGKILL of the client leaves no process, not even in an initializer that does not end")
    void leavesNoProcessInItsInitializer() throws Exception {
        Trace trace = newTrace();
        try (ClientProgram client =
                ClientProgram.start(directory, Initializing.class, backend().coordinator(), trace.file())) {
            assertThat(client.readLine()).isEqualTo("all run");
            client.signal("KILL");
            assertThat(client.exitStatus()).isEqualTo(137);
        }
        assertThat(trace.lines()).hasSize(1);
        Tasks.awaitEnd(trace);
    }

    @Test
    @DisplayName("32. what a killed client has left in the temporary directory is removed by the next one")
    void leavesItsFilesToTheNext() throws Exception {
        Trace trace = newTrace();
        List<Path> left;
        try (ClientProgram client =
                ClientProgram.start(directory, Initializing.class, backend().coordinator(), trace.file())) {
            assertThat(client.readLine()).isEqualTo("all run");
            client.signal("KILL");
            assertThat(client.exitStatus()).isEqualTo(137);
            Tasks.awaitEnd(trace);
            left = client.farpoolDirectories();
            assertThat(left).hasSize(1);
        }
        try (ClientProgram next = ClientProgram.start(
                directory,
                Initializing.class,
                backend().coordinator(),
                newTrace().file())) {
            assertThat(next.readLine()).isEqualTo("all run");
            Await.until("the directory is gone", () -> Files.notExists(left.get(0)));
            assertThat(next.farpoolDirectories()).as("its own is left alone").hasSize(1);
            next.signal("TERM");
            assertThat(next.exitStatus()).isEqualTo(143);
            assertThat(next.farpoolDirectories()).isEmpty();
        }
    }

    private static ProcessPoolExecutor pool(String coordinator, int workers, RemoteRunnable initializer) {
        return new ProcessBackend(coordinator.isEmpty() ? null : coordinator)
                .builder(workers)
                .initializer(initializer)
                .build();
    }

    /** A program: {@code COORDINATOR TRACE GATE PIPE}. */
    static final class Client {
        private Client() {}

        public static void main(String[] args) throws Exception {
            Trace trace = new Trace(args[1]);
            String pipe = args[3];
            ProcessPoolExecutor pool = pool(args[0], 3, () -> {});
            Object spinning = pool.submit(() -> Tasks.spin(trace));
            Object inNativeCode = pool.submit(() -> {
                trace.add("" + Tasks.pid());
                return Files.readAllBytes(Path.of(pipe)); // nobody ever writes
            });
            Object withAnotherProcess = pool.submit(() -> {
                Tasks.startSleep(trace);
                Tasks.ignoreInterrupts(trace);
            });
            Await.until("all run", () -> trace.lines().size() == 4);
            System.out.println("all run");
            boolean ignored = new Gate(args[2]).await();
            Runtime.getRuntime()
                    .halt(List.of(spinning, inNativeCode, withAnotherProcess).size());
        }
    }

    /** A program: {@code COORDINATOR TRACE}. */
    static final class Initializing {
        private Initializing() {}

        public static void main(String[] args) {
            Trace trace = new Trace(args[1]);
            Object pending =
                    pool(args[0], 1, () -> Tasks.ignoreInterrupts(trace)).submit(Tasks::pid);
            Await.until("the initializer runs", () -> trace.lines().size() == 1);
            System.out.println(pending == null ? "" : "all run");
        }
    }
}
