package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.LogLine;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.WorkerLostException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What tasks print reaches the client. */
@SuppressWarnings("SystemOut")
abstract class OutputContract extends Contract {
    /** Fewer than are dropped when a process writes faster than the client takes. */
    private static final int LINES = 100;

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
}
