package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.LogLine;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessOutputTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final AtomicInteger told = new AtomicInteger();
    private final ProcessOutput output =
            new ProcessOutput("here", 5, StandardCharsets.UTF_8, PATIENCE, told::incrementAndGet);

    @Test
    void bytesBecomeLines() {
        read("one\ntwo\r\n\nlast without an end", false);
        assertThat(output.take()).extracting(LogLine::getText).containsExactly("one", "two", "", "last without an end");
        assertThat(told).hasValue(1);
    }

    @Test
    void aLongLineIsCut() {
        read("x".repeat(ProcessOutput.MAX_LINE_BYTES + 10), false);
        assertThat(output.take())
                .extracting(line -> line.getText().length())
                .containsExactly(ProcessOutput.MAX_LINE_BYTES, 10);
    }

    @Test
    void whatNobodyTakesIsWaitedFor() {
        String text = numbered(3 * ProcessOutput.MAX_LINES);
        CompletableFuture<Void> end = output.read(stream(text), false);
        List<String> taken = new ArrayList<>();
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (taken.size() < 3 * ProcessOutput.MAX_LINES) {
            assertThat(System.nanoTime())
                    .as("the time, with %d lines taken", taken.size())
                    .isLessThan(deadlineNanos);
            List<LogLine> some = output.take();
            assertThat(some).hasSizeLessThanOrEqualTo(ProcessOutput.MAX_LINES);
            some.forEach(line -> taken.add(line.getText()));
        }
        end.join();
        assertThat(String.join("\n", taken) + "\n").isEqualTo(text);
    }

    @Test
    void whatWaitsIsBoundedInBytesToo() {
        output.release();
        read("x".repeat(3 * ProcessOutput.MAX_BYTES), false);
        List<LogLine> lines = output.take();
        assertThat(lines.stream().mapToLong(LogLine::getSerializedSize).sum())
                .isBetween(ProcessOutput.MAX_BYTES / 2L, 2L * ProcessOutput.MAX_BYTES);
        assertThat(lines.get(0).getDroppedBefore())
                .isEqualTo(3L * ProcessOutput.MAX_BYTES / ProcessOutput.MAX_LINE_BYTES - lines.size());
    }

    @Test
    void linesThatAreNotWaitedForAnyMoreAreDroppedOldestFirstAndCounted() {
        CompletableFuture<Void> end = output.read(stream(numbered(ProcessOutput.MAX_LINES + 7)), false);
        output.release();
        end.join();
        expectTheNewest(output);
    }

    @Test
    void patienceEnds() {
        ProcessOutput impatient =
                new ProcessOutput("here", 5, StandardCharsets.UTF_8, Duration.ofMillis(1), told::incrementAndGet);
        impatient.read(stream(numbered(ProcessOutput.MAX_LINES + 7)), false).join();
        expectTheNewest(impatient);
    }

    private static void expectTheNewest(ProcessOutput of) {
        List<LogLine> lines = of.take();
        assertThat(lines).hasSize(ProcessOutput.MAX_LINES);
        assertThat(lines.get(0).getText()).isEqualTo("7");
        assertThat(lines.get(0).getDroppedBefore()).isEqualTo(7);
        assertThat(lines.get(1).getDroppedBefore()).isZero();
    }

    @Test
    void theLastLinesOfStderrAreKeptBeside() {
        read("a\nb\n", true);
        output.take();
        read("not this\n", false);
        assertThat(output.lastStderrLines()).containsExactly("a", "b");
    }

    private void read(String text, boolean stderr) {
        output.read(stream(text), stderr).join();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String numbered(int lines) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(i).append('\n');
        }
        return text.toString();
    }
}
