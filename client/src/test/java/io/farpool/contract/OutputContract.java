package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.LogLine;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.WorkerLostException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tasks print reaches the client. */
@SuppressWarnings("SystemOut")
abstract class OutputContract extends Contract {
    private static final int LINES = 100;
    private static final int BURST = 20_000;

    @Override
    protected abstract ProcessBackend backend();

    @Test
    @DisplayName("what tasks write to standard output and error reaches onLog, each in order, with host and pid")
    void deliversOutputInOrder() {
        List<LogLine> lines = new CopyOnWriteArrayList<>();
        PoolExecutor pool = ended(backend().builder(1).onLog(lines::add).build());
        PoolFuture<Long> first = pool.submit(() -> print("first"));
        PoolFuture<Long> second = pool.submit(() -> print("second"));
        long pid = first.result();
        assertThat(second.result()).isEqualTo(pid);
        Await.until(
                "the last lines are there",
                () -> lines.stream()
                                .filter(line -> line.text().equals("end of second"))
                                .count()
                        == 2);
        for (boolean stderr : new boolean[] {false, true}) {
            assertThat(lines.stream()
                            .filter(line -> line.stderr() == stderr)
                            .map(LogLine::text)
                            .filter(text -> text.contains(" line ")))
                    .containsExactlyElementsOf(IntStream.range(0, 2 * LINES)
                            .mapToObj(i -> (i < LINES ? "first" : "second") + " line " + i % LINES)
                            .toList());
        }
        assertThat(lines).allMatch(line -> line.pid() == pid && !line.host().isEmpty());
    }

    private static long print(String task) {
        for (int i = 0; i < LINES; i++) {
            System.out.println(task + " line " + i);
            System.err.println(task + " line " + i);
        }
        System.out.println("end of " + task);
        System.err.println("end of " + task);
        return Tasks.pid();
    }

    @Test
    @DisplayName("a consumer that throws or blocks delays no future and loses no other line")
    void outlivesItsConsumer() {
        Gate gate = newGate();
        List<String> lines = new CopyOnWriteArrayList<>();
        PoolExecutor pool = ended(backend()
                .builder(1)
                .onLog(line -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    lines.add(line.text());
                    throw new IllegalStateException("the consumer's own");
                })
                .build());
        assertThat(pool.submit(() -> print("first")).result()).isPositive();
        assertThat(lines).isEmpty();
        gate.open();
        Await.until(
                "all lines are there",
                () -> lines.contains("first line " + (LINES - 1)) && lines.contains("end of first"));
        assertThat(lines).contains("first line 0", "first line 50");
    }

    @Test
    @DisplayName("the last lines of standard error are in the exception when a process dies")
    void tellsTheLastLines() {
        PoolExecutor pool = ended(backend().builder(1).onLog(line -> {}).build());
        PoolFuture<?> future = pool.submit(() -> {
            for (int i = 0; i < 50; i++) {
                System.err.println("complaint " + i);
            }
            Runtime.getRuntime().halt(3);
        });
        assertThat(future.exception()).isInstanceOf(WorkerLostException.class).hasMessageContaining("complaint 49");
        assertThat(((WorkerLostException) future.exception()).lastStderrLines())
                .containsExactlyElementsOf(
                        IntStream.range(30, 50).mapToObj(i -> "complaint " + i).toList());
    }

    // ------------------------------------------------------------------------------------------ nothing is lost

    @Test
    @DisplayName("what a task printed last, unterminated or not, is there when close() returns")
    void losesNothingAtClose() {
        for (int round = 0; round < 3; round++) {
            Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
            try (PoolExecutor pool =
                    ended(backend().builder(2).onLog(lines::add).build())) {
                PoolFuture<?> ignored = pool.submit(() -> {
                    System.out.println("the last but one");
                    System.err.print("error without an end");
                    System.out.print("without an end");
                });
            }
            assertThat(texts(lines, false)).containsExactly("the last but one", "without an end");
            assertThat(texts(lines, true)).containsExactly("error without an end");
        }
    }

    @Test
    @DisplayName("what a stream of the task's own held back is there when close() returns")
    void losesNothingThatWasBuffered() {
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        try (PoolExecutor pool = ended(backend().builder(1).onLog(lines::add).build())) {
            PoolFuture<?> ignored = pool.submit(() -> {
                System.setOut(new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out))));
                System.out.println("held back");
            });
        }
        assertThat(texts(lines, false)).containsExactly("held back");
    }

    @Test
    @DisplayName("a burst of 20,000 lines from each of two processes arrives whole and in order")
    void losesNothingOfABurst() {
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        Set<Long> pids = new HashSet<>();
        Gate gate = newGate();
        Trace trace = newTrace();
        try (PoolExecutor pool = ended(backend().builder(2).onLog(lines::add).build())) {
            List<PoolFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                futures.add(pool.submit(() -> {
                    trace.add("" + Tasks.pid());
                    gate.await();
                    return burst();
                }));
            }
            Await.until("both run", () -> trace.lines().size() == 2);
            gate.open();
            futures.forEach(future -> pids.add(future.result()));
        }
        assertThat(pids).hasSize(2);
        for (long pid : pids) {
            assertThat(texts(lines.stream().filter(line -> line.pid() == pid).toList(), false))
                    .isEqualTo(numbered());
        }
        assertThat(texts(lines, true)).isEmpty();
    }

    @ParameterizedTest(name = "what a process printed before {0} arrives whole")
    @ValueSource(strings = {"System.exit", "Runtime.halt"})
    void losesNothingOfAProcessThatExits(String how) {
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        try (PoolExecutor pool = ended(backend().builder(1).onLog(lines::add).build())) {
            PoolFuture<?> future = pool.submit(() -> {
                burst();
                System.out.print("the very last");
                if (how.equals("System.exit")) {
                    System.exit(3);
                }
                Runtime.getRuntime().halt(3);
            });
            assertThat(future.exception()).isInstanceOf(WorkerLostException.class);
        }
        List<String> expected = new ArrayList<>(numbered());
        expected.add("the very last");
        assertThat(texts(lines, false)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "what tasks have printed is there when a pool has ended after {0}")
    @ValueSource(strings = {"terminateWorkers", "killWorkers", "shutdownNow"})
    void losesNothingWhenStopped(String how) throws InterruptedException {
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        Gate gate = newGate();
        Trace trace = newTrace();
        ProcessPoolExecutor pool = ended(backend().builder(1).onLog(lines::add).build());
        PoolFuture<?> future = pool.submit(() -> {
            burst();
            System.out.print("and waits");
            trace.add("printed");
            return gate.await();
        });
        Await.until("it has printed", () -> future.running() && !trace.lines().isEmpty());
        switch (how) {
            case "terminateWorkers" -> pool.terminateWorkers();
            case "killWorkers" -> pool.killWorkers();
            default -> assertThat(pool.shutdownNow()).isEmpty();
        }
        assertThat(pool.awaitTermination(Await.LONG.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
        assertThat(future.isDone()).isTrue();
        List<String> expected = new ArrayList<>(numbered());
        expected.add("and waits");
        assertThat(texts(lines, false)).isEqualTo(expected);
    }

    @Test
    @DisplayName("a consumer that never returns delays neither a future nor, for long, the end of the pool")
    void outlivesAConsumerThatNeverReturns() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Queue<LogLine> lines = new ConcurrentLinkedQueue<>();
        PoolExecutor pool = ended(backend()
                .builder(1)
                .onLog(line -> {
                    lines.add(line);
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .build());
        assertThat(pool.submit(OutputContract::burst).result()).isPositive();
        Await.until("the consumer is in it", () -> !lines.isEmpty());
        assertThat(pool.submit(Tasks::square, 3).result()).isEqualTo(9);
        pool.shutdown();
        assertThat(pool.awaitTermination(Await.LONG.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
        assertThat(lines).hasSize(1);
        never.countDown();
        Await.until("all lines are there", () -> lines.size() == BURST);
        assertThat(texts(lines, false)).isEqualTo(numbered());
    }

    private static long burst() {
        for (int i = 0; i < BURST; i++) {
            System.out.println("line " + i);
        }
        return Tasks.pid();
    }

    private static List<String> numbered() {
        return IntStream.range(0, BURST).mapToObj(i -> "line " + i).toList();
    }

    private static List<String> texts(Collection<LogLine> lines, boolean stderr) {
        return lines.stream()
                .filter(line -> line.stderr() == stderr)
                .map(LogLine::text)
                .toList();
    }
}
