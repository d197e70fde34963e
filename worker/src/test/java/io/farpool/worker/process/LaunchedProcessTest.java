package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.LogLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchedProcessTest {
    /** More than wait at once; the rest fits into the pipe. */
    private static final int PRINTED = ProcessOutput.MAX_LINES * 3 / 2;

    private static final String REST = " and so on until the line is long enough";

    @Test
    void whatAKilledProcessHadWrittenIsReadToItsEnd() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "i=0; while [ $i -lt " + PRINTED + " ]; do echo $i\"" + REST
                                + "\"; i=$((i + 1)); done; exec sleep 1000")
                .start();
        Semaphore available = new Semaphore(0);
        ProcessOutput output = new ProcessOutput(
                "here", process.pid(), StandardCharsets.UTF_8, Duration.ofMinutes(1), available::release);
        LaunchedProcess launched = new LaunchedProcess(1, "session");
        launched.started(process, output);
        await(output::isFull);
        await(() -> isSleep(process)); // which it becomes when it has printed all
        launched.kill();
        launched.awaitExit(30);
        assertThat(process.isAlive()).isFalse();
        List<LogLine> lines = new ArrayList<>(output.take());
        while (lines.size() < PRINTED) {
            assertThat(available.tryAcquire(30, TimeUnit.SECONDS))
                    .as("lines after %s", lines.size())
                    .isTrue();
            lines.addAll(output.take());
        }
        assertThat(lines)
                .extracting(LogLine::getText)
                .isEqualTo(IntStream.range(0, PRINTED).mapToObj(i -> i + REST).toList());
        launched.awaitOutput();
    }

    @Test
    void oneThatWasKilledForWantOfMemoryIsKnownThoughSomebodyKillsItAfterwards(@TempDir Path directory)
            throws IOException, InterruptedException {
        Path counter = Files.writeString(directory.resolve("memory.events"), "oom_kill 0\n");
        OutOfMemoryKills kills = new OutOfMemoryKills(counter, System::nanoTime);
        Process process = new ProcessBuilder("sleep", "1000").start();
        ProcessOutput output =
                new ProcessOutput("here", process.pid(), StandardCharsets.UTF_8, Duration.ofMinutes(1), () -> {});
        LaunchedProcess launched = new LaunchedProcess(1, "session");
        launched.started(process, output);
        process.toHandle().destroyForcibly();
        launched.awaitExit(30);
        Files.writeString(counter, "oom_kill 1\n");
        boolean outOfMemory = launched.wasOutOfMemory(kills);
        launched.kill(); // as when its output is waited for
        launched.awaitOutput();
        assertThat(launched.exit(outOfMemory).outOfMemory()).isTrue();
    }

    private static boolean isSleep(Process process) {
        return process.info().command().orElse("").endsWith("sleep");
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNanos).isNegative();
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
