package io.farpool.coordinator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.SessionLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLinesTest {
    private static final long MOST_BYTES = 10 * LogLines.TAKEN_STEP_BYTES;

    private final List<String> taken = new ArrayList<>();
    private final LogLines lines = new LogLines(MOST_BYTES, (host, bytes) -> taken.add(host + " " + bytes));

    @Test
    void hostsAreToldOfWhatHasGoneOnInSteps() {
        lines.add("a", log(1, "one"), true);
        lines.add("b", log(LogLines.TAKEN_STEP_BYTES, "two"), true);
        lines.add("a", log(LogLines.TAKEN_STEP_BYTES - 1, "three"), true);
        assertThat(taken).isEmpty();
        assertThat(move(Long.MAX_VALUE)).extracting(LogLine::getText).containsExactly("one", "two", "three");
        assertThat(taken).containsExactly("b " + LogLines.TAKEN_STEP_BYTES, "a " + LogLines.TAKEN_STEP_BYTES);
        assertThat(lines.isEmpty()).isTrue();
    }

    @Test
    void aMessageTakesReportsUpToItsSize() {
        for (int i = 0; i < 4; i++) {
            lines.add("a", log(0, i + "x".repeat(100)), true);
        }
        assertThat(move(150)).hasSize(2);
        assertThat(move(1)).hasSize(1);
        assertThat(lines.isEmpty()).isFalse();
    }

    @Test
    void pastTheBoundTheOldestAreDroppedAndCountedAndTheirHostGoesOn() {
        lines.add("a", log(LogLines.TAKEN_STEP_BYTES, "one", "x".repeat((int) MOST_BYTES)), true);
        lines.add("b", log(1, "three", "four"), true);
        assertThat(taken).containsExactly("a " + LogLines.TAKEN_STEP_BYTES);
        assertThat(move(Long.MAX_VALUE))
                .extracting(LogLine::getText, LogLine::getDroppedBefore)
                .containsExactly(tuple("three", 2L), tuple("four", 0L));
    }

    @Test
    void withoutAStreamNoHostIsKeptWaitingAndNothingIsLost() {
        lines.add("a", log(LogLines.TAKEN_STEP_BYTES, "one"), true);
        lines.letHostsGoOn();
        lines.add("a", log(LogLines.TAKEN_STEP_BYTES, "two"), false);
        assertThat(taken).hasSize(2);
        assertThat(move(Long.MAX_VALUE)).extracting(LogLine::getText).containsExactly("one", "two");
        assertThat(taken).hasSize(2);
    }

    private List<LogLine> move(long bytes) {
        CompletionsResponse.Builder message = CompletionsResponse.newBuilder();
        lines.moveTo(message, bytes);
        return message.getLogLinesList();
    }

    private static SessionLog log(long bytes, String... texts) {
        SessionLog.Builder log = SessionLog.newBuilder().setBytes(bytes);
        for (String text : texts) {
            log.addLines(LogLine.newBuilder().setText(text));
        }
        return log.build();
    }
}
