package io.farpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A log line")
class LogLineTest {

    @Test
    void isOneLineWithTimeLevelLoggerAndMessage() {
        assertThat(format(false, "host attached host=a", null))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  Core host attached host=a\\R");
    }

    @Test
    void namesTheCausesWithoutTheirStackTraces() {
        assertThat(format(false, "lost", failure()).lines())
                .singleElement()
                .asString()
                .endsWith("lost error=java.lang.IllegalStateException: first\\nsecond"
                        + " cause=java.lang.IllegalArgumentException: why");
    }

    @Test
    void isFollowedByTheStackTraceWhenVerbose() {
        assertThat(format(true, "lost", failure())).contains("\tat ").contains("Caused by: ");
    }

    @Test
    void doesNotLetANameFromAnotherMachineForgeALineOrCommandTheTerminal() {
        assertThat(format(false, "host=a\n2026-01-01 forged\u001b[2J\r", null).lines())
                .singleElement()
                .asString()
                .endsWith("host=a\\n2026-01-01 forged[2J");
    }

    private static Exception failure() {
        return new IllegalStateException("first\nsecond", new IllegalArgumentException("why"));
    }

    private static String format(boolean stackTraces, String message, @Nullable Throwable thrown) {
        Logger logger = new LoggerContext().getLogger("io.farpool.scheduling.Core");
        return new LogLine(stackTraces)
                .doLayout(new LoggingEvent(Logger.class.getName(), logger, Level.INFO, message, thrown, null));
    }
}
