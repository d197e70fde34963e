package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.farpool.BrokenExecutorException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract line 32, and where output goes by default: what a program's end means for its worker processes. */
abstract class EndingContract extends Contract {
    private static final int WORKERS = 2;
    private static final int PRINTED = 1_000;

    @Override
    protected abstract ProcessBackend backend();

    /** Ways for a program to end, once its tasks run, by which its exit hooks are run. */
    enum End {
        /** After which the JVM ends with its last thread: after the pending tasks. */
        RETURN_OF_MAIN(0),
        SYSTEM_EXIT(3),
        SYSTEM_EXIT_IN_A_CALLBACK(3),
        SYSTEM_EXIT_WHILE_CLOSING(3),
        SYSTEM_EXIT_WITH_A_HOOK_THAT_WAITS_FOR_A_FUTURE(3),
        SYSTEM_EXIT_WITH_A_HOOK_THAT_CLOSES_THE_POOL(3),
        /** Main throws, which ends a JVM when its last thread has ended: after the pending tasks. */
        EXCEPTION(1),
        EXCEPTION_WHILE_CLOSING(1),
        SIGTERM(143),
        SIGHUP(129),
        SIGINT(130),
        SIGINT_TWICE(130);

        final int exitStatus;

        End(int exitStatus) {
            this.exitStatus = exitStatus;
        }

        boolean finishesTasks() {
            return this == RETURN_OF_MAIN || this == EXCEPTION || this == EXCEPTION_WHILE_CLOSING;
        }
    }

    @ParameterizedTest(name = "32. {0} of the client leaves no process and no file behind")
    @EnumSource
    void leavesNothingBehind(End end) throws Exception {
        Trace trace = newTrace();
        Gate gate = newGate();
        try (ClientProgram client = ClientProgram.start(
                directory, Client.class, backend().coordinator(), end.name(), trace.file(), gate.file())) {
            assertThat(client.readLine()).as("what the client says").isEqualTo("all run");
            switch (end) {
                case SIGTERM -> client.signal("TERM");
                case SIGHUP -> client.signal("HUP");
                case SIGINT -> client.signal("INT");
                case SIGINT_TWICE -> client.signalTwice("INT");
                case RETURN_OF_MAIN,
                        SYSTEM_EXIT,
                        SYSTEM_EXIT_IN_A_CALLBACK,
                        SYSTEM_EXIT_WHILE_CLOSING,
                        SYSTEM_EXIT_WITH_A_HOOK_THAT_WAITS_FOR_A_FUTURE,
                        SYSTEM_EXIT_WITH_A_HOOK_THAT_CLOSES_THE_POOL,
                        EXCEPTION,
                        EXCEPTION_WHILE_CLOSING -> gate.open();
            }
            assertThat(client.exitStatus()).as(client.errors()).isEqualTo(end.exitStatus);
            assertNothingLeft(client, trace);
            if (end.finishesTasks()) {
                assertThat(client.readLine()).isEqualTo("done true");
                assertThat(client.readLine()).isEqualTo("done true");
                assertThat(client.readLine()).isNull();
            }
            if (end.finishesTasks() && end != End.RETURN_OF_MAIN) {
                assertThat(client.errors()).contains("main fails").doesNotContain("Caused by", "Suppressed");
            } else {
                assertThat(client.errors())
                        .as("not a word about what the exit has done to tasks")
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest(name = "32. Ctrl-C in a terminal, pressed {0} times, leaves no process and no file behind")
    @ValueSource(ints = {1, 2})
    void leavesNothingBehindOnATerminal(int times) throws Exception {
        String reason = ClientProgram.noTerminalBecause();
        assumeTrue(reason == null, () -> "NOT TESTED: Ctrl-C in a terminal, for " + reason);
        Trace trace = newTrace();
        try (ClientProgram client = ClientProgram.startOnTerminal(
                directory,
                Client.class,
                backend().coordinator(),
                End.SIGINT.name(),
                trace.file(),
                newGate().file())) {
            assertThat(client.readLine()).as("what the client says").isEqualTo("all run");
            for (int i = 0; i < times; i++) {
                client.pressControlC();
            }
            assertThat(client.exitStatus()).as(client.errors()).isEqualTo(130);
            assertNothingLeft(client, trace);
        }
    }

    @Test
    @DisplayName(
            "32. a main that returns with idle pools, used or not, ends the program at once and leaves nothing behind")
    void exitsWhenIdle() throws Exception {
        Trace trace = newTrace();
        try (ClientProgram client =
                ClientProgram.start(directory, Idle.class, backend().coordinator(), trace.file())) {
            assertThat(client.readLine()).isEqualTo("49");
            assertThat(client.exitStatus()).as(client.errors()).isZero();
            assertThat(client.errors()).isEmpty();
            assertThat(client.farpoolDirectories()).isEmpty();
        }
        assertThat(trace.lines()).hasSize(1);
        Tasks.awaitEnd(trace);
    }

    /** A program: {@code COORDINATOR TRACE}. */
    @SuppressWarnings("SystemOut")
    static final class Idle {
        private Idle() {}

        public static void main(String[] args) {
            Trace trace = new Trace(args[1]);
            PoolExecutor unused = pool(args[0]);
            PoolExecutor used = pool(args[0]);
            int result = used.submit(() -> {
                        trace.add("" + Tasks.pid());
                        return 49;
                    })
                    .result();
            System.out.println(unused.isShutdown() ? -1 : result);
        }
    }

    private static void assertNothingLeft(ClientProgram client, Trace trace) throws IOException {
        assertThat(trace.lines())
                .as("each task's process and one that it has started")
                .hasSize(2 * WORKERS);
        Tasks.awaitEnd(trace);
        assertThat(client.farpoolDirectories()).isEmpty();
    }

    @Test
    @DisplayName("what tasks print is printed by the client, as it is when embedded, with host and pid from a cluster")
    void printsWhatTasksPrint() throws Exception {
        try (ClientProgram client =
                ClientProgram.start(directory, Printing.class, backend().coordinator())) {
            String prefix = backend().coordinator() == null ? "" : "\\(\\S+:\\d+\\) ";
            for (int i = 0; i < PRINTED; i++) {
                assertThat(client.readLine()).matches(prefix + "hello from a task " + i);
            }
            assertThat(client.readLine()).matches(prefix + "and no end");
            assertThat(client.readLine()).isNull();
            assertThat(client.exitStatus()).isZero();
            assertThat(Files.readAllLines(directory.resolve("client.err")))
                    .anyMatch(line -> line.matches(prefix + "an error"));
        }
    }

    /** A program: {@code COORDINATOR}. */
    static final class Printing {
        private Printing() {}

        public static void main(String[] args) {
            try (ProcessPoolExecutor pool = pool(args[0])) {
                PoolFuture<?> ignored = pool.submit(() -> {
                    for (int i = 0; i < PRINTED; i++) {
                        System.out.println("hello from a task " + i);
                    }
                    System.err.println("an error");
                    System.out.print("and no end");
                });
            }
        }
    }

    static ProcessPoolExecutor pool(String coordinator) {
        // One more than are kept busy, for what a way to end needs.
        return new ProcessBackend(coordinator.isEmpty() ? null : coordinator)
                .builder(WORKERS + 1)
                .build();
    }

    /** A program: {@code COORDINATOR END TRACE GATE}. */
    @SuppressWarnings("SystemOut")
    static final class Client {
        private Client() {}

        public static void main(String[] args) throws Exception {
            End end = End.valueOf(args[1]);
            Trace trace = new Trace(args[2]);
            Gate gate = new Gate(args[3]);
            if (end == End.EXCEPTION_WHILE_CLOSING) {
                try (ProcessPoolExecutor pool = pool(args[0])) {
                    List<PoolFuture<?>> futures = startTasks(pool, end, trace, gate);
                    throw new IllegalStateException("main fails with " + futures.size() + " pending");
                }
            }
            ProcessPoolExecutor pool = pool(args[0]);
            List<PoolFuture<?>> futures = startTasks(pool, end, trace, gate);
            if (end != End.RETURN_OF_MAIN) {
                boolean ignored = gate.await();
                end(end, pool, futures);
            }
        }

        private static List<PoolFuture<?>> startTasks(ProcessPoolExecutor pool, End end, Trace trace, Gate gate) {
            List<PoolFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                futures.add(
                        end.finishesTasks()
                                ? pool.submit(() -> {
                                    Tasks.startSleep(trace);
                                    trace.add("" + Tasks.pid());
                                    return gate.await();
                                })
                                : pool.submit(() -> {
                                    Tasks.startSleep(trace);
                                    Tasks.ignoreInterrupts(trace);
                                }));
            }
            Await.until("all run", () -> trace.lines().size() == 2 * WORKERS);
            System.out.println("all run");
            if (end.finishesTasks()) {
                futures.forEach(future -> future.addDoneCallback(done -> System.out.println("done " + done.result())));
            }
            return futures;
        }

        private static void end(End end, ProcessPoolExecutor pool, List<PoolFuture<?>> futures) throws Exception {
            switch (end) {
                case SYSTEM_EXIT -> System.exit(3);
                case SYSTEM_EXIT_IN_A_CALLBACK -> {
                    pool.submit(Tasks::square, 7).addDoneCallback(future -> System.exit(future.result() == 49 ? 3 : 4));
                    try {
                        Object never = futures.get(0).result();
                        throw new IllegalStateException("got " + never);
                    } catch (BrokenExecutorException exiting) {
                        // An exit that takes more than a second.
                    }
                }
                case SYSTEM_EXIT_WHILE_CLOSING -> {
                    Blocked<Object> closing = Blocked.in(() -> {
                        pool.close();
                        return "";
                    });
                    System.exit(closing.thread().isAlive() ? 3 : 4);
                }
                case SYSTEM_EXIT_WITH_A_HOOK_THAT_WAITS_FOR_A_FUTURE -> {
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                        if (futures.get(0).exception() == null) {
                            throw new AssertionError("a task that never ends has a result");
                        }
                    }));
                    System.exit(3);
                }
                case SYSTEM_EXIT_WITH_A_HOOK_THAT_CLOSES_THE_POOL -> {
                    Runtime.getRuntime().addShutdownHook(new Thread(pool::close));
                    System.exit(3);
                }
                case EXCEPTION -> throw new IllegalStateException("main fails with " + futures.size() + " pending");
                case RETURN_OF_MAIN, EXCEPTION_WHILE_CLOSING, SIGTERM, SIGHUP, SIGINT, SIGINT_TWICE ->
                    throw new IllegalStateException("still here");
            }
        }
    }
}
