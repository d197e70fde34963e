package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.LogLine;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessOutputTest {
    private final AtomicInteger told = new AtomicInteger();
    private final ProcessOutput output = new ProcessOutput("here", 5, StandardCharsets.UTF_8, told::incrementAndGet);

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
    void linesThatNobodyTakesAreDroppedOldestFirstAndCounted() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ProcessOutput.MAX_LINES + 7; i++) {
            text.append(i).append('\n');
        }
        read(text.toString(), false);
        List<LogLine> lines = output.take();
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
        output.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), stderr)
                .join();
    }
}
