package io.farpool.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class StartTest {
    private static final String TASK = "com.example.Task";
    private static final List<String> LOG = List.of(
            "[1000ns] java.lang.Object source: shared objects file",
            "[2000ns] io.farpool.process.WorkerProcess source: shared objects file (top)",
            "[2500ns] io.farpool.process.WorkerProcess$Part source: shared objects file (top)",
            "[3000ns] com.esotericsoftware.kryo.kryo5.Kryo source: shared objects file (top)",
            "[3500ns] com.esotericsoftware.kryo.kryo5.io.Input source: shared objects file (top)",
            "[4000ns] com.example.Task source: file:/example.jar",
            "[4500ns] com.example.Task$1 source: file:/example.jar");

    @Test
    void aLogOfClassesShowsHowFarAProcessGotWhen() {
        assertThat(Start.Classes.of(LOG, TASK)).isEqualTo(new Start.Classes(1000, 2000, 3000, 4000, true));
    }

    @Test
    void aMainClassOutOfAJarIsNotOutOfAnArchive() {
        List<String> log = LOG.stream().map(line -> line.replace(" (top)", "")).toList();
        assertThat(Start.Classes.of(log, TASK).fromArchive()).isFalse();
    }

    @Test
    void aLogWithoutTheTasksClassIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Start.Classes.of(LOG.subList(0, 5), TASK))
                .withMessageContaining(TASK);
    }

    @Test
    void stepsAreTimesFromTheOneBeforeAndNeverNegative() {
        Start start = new Start(1_000_000);
        start.step("a", 3_000_000);
        start.step("b", 2_000_000);
        start.step("c", 4_000_000);
        start.sum("all");
        assertThat(start.stepsMillis())
                .containsEntry("a", 2.0)
                .containsEntry("b", 0.0)
                .containsEntry("c", 1.0)
                .containsEntry("all", 3.0);
    }
}
