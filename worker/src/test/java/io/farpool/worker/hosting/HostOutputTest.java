package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.LogTaken;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of the lines that processes print. */
class HostOutputTest extends HostStage {
    @Test
    void whatAProcessWritesLastIsToldBeforeTheEndOfItsSessionIsConfirmed() {
        ready(1, 1);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        core.wrote(1, List.of(line("the last")));
        exit(1, 0, 0);
        Report report = taken(HostDecision.Tell.class).get(0).report();
        assertThat(report.getLogs(0).getLinesList()).containsExactly(line("the last"));
        assertThat(report.getQuotasConfirmedCount()).isEqualTo(1);
    }

    @Test
    void pastTheWindowLinesWaitUntilOthersHaveBeenTakenAlsoWhenTheSessionHasEnded() {
        ready(1, 1);
        core.wrote(1, List.of(line("x".repeat((int) Processes.LOG_WINDOW_BYTES / 2))));
        assertThat(core.takesLines(1)).isTrue();
        core.wrote(1, List.of(line("x".repeat((int) Processes.LOG_WINDOW_BYTES / 2))));
        assertThat(core.takesLines(1)).isFalse();
        settle();
        long bytes = taken(HostDecision.Tell.class).stream()
                .flatMap(tell -> tell.report().getLogsList().stream())
                .mapToLong(SessionLog::getBytes)
                .sum();
        assertThat(bytes).isGreaterThanOrEqualTo(Processes.LOG_WINDOW_BYTES);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(core.takesLines(1)).isFalse();
        order(Order.newBuilder()
                .addLogsTaken(LogTaken.newBuilder().setSession(1).setBytes(bytes)));
        assertThat(core.takesLines(1)).isTrue();
    }

    @Test
    void linesThatCannotBeToldAreCounted() {
        ready(1, 1);
        core.detached();
        core.wrote(1, List.of(line("lost"), line("lost too")));
        attach();
        core.wrote(1, List.of(line("told")));
        settle();
        assertThat(taken(HostDecision.Tell.class).stream()
                        .flatMap(tell -> tell.report().getLogsList().stream())
                        .flatMap(log -> log.getLinesList().stream()))
                .containsExactly(line("told").toBuilder().setDroppedBefore(2).build());
    }

    private static LogLine line(String text) {
        return LogLine.newBuilder().setText(text).build();
    }
}
