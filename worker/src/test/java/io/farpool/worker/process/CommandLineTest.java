package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private static final Path TEMPORARY = Path.of("/tmp/own");

    @Test
    void theSessionsOptionsComeLast() {
        List<String> options =
                CommandLine.options(17, 1L << 30, TEMPORARY, List.of("-Dstdout.encoding=UTF-16", "-ea"), null);
        assertThat(options)
                .contains("-XX:+UseSerialGC", "-XX:+UseCountedLoopSafepoints", "-Xmx1024m", "-Djava.io.tmpdir=/tmp/own")
                .endsWith("-Dstdout.encoding=UTF-16", "-ea");
    }

    @Test
    void whatTheSessionChoosesIsNotChosenForIt() {
        List<String> options = CommandLine.options(
                17, 1L << 30, TEMPORARY, List.of("-XX:+UseG1GC", "-Xmx64m", "-XX:AOTCache=a.aot"), null);
        assertThat(options).doesNotContain("-XX:+UseSerialGC", "-Xmx1024m", "-Xshare:auto");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xmx64m",
                "-XX:MaxHeapSize=64m",
                "-XX:MaxRAM=1g",
                "-XX:MaxRAMPercentage=10",
                "-XX:MaxRAMFraction=8"
            })
    void aHeapThatTheSessionChoosesIsNotSizedForIt(String option) {
        assertThat(CommandLine.options(17, 1L << 30, TEMPORARY, List.of(option), null))
                .doesNotContain("-Xmx1024m");
    }

    @Test
    void anArchiveIsUsedWithoutAWordAndTheSessionsOptionsStillComeLast() {
        assertThat(CommandLine.options(17, 0, TEMPORARY, List.of("-Xlog:cds=info"), Path.of("/archives/a.jsa")))
                .containsSubsequence(
                        "-XX:SharedArchiveFile=/archives/a.jsa",
                        "-Xlog:cds=off",
                        "-Xlog:cds+dynamic=off",
                        "-Xlog:cds=info");
        assertThat(CommandLine.options(17, 0, TEMPORARY, List.of(), null))
                .noneMatch(option -> option.contains("Archive") || option.startsWith("-Xlog"));
    }

    @Test
    void newerJdksAreAllowedWhatTheyWouldWarnAbout() {
        assertThat(CommandLine.options(25, 0, TEMPORARY, List.of(), null))
                .contains("--sun-misc-unsafe-memory-access=allow");
        assertThat(CommandLine.options(17, 0, TEMPORARY, List.of(), null))
                .doesNotContain("--sun-misc-unsafe-memory-access=allow");
    }

    @Test
    void argumentsAreQuotedAsTheLauncherReadsThem() {
        assertThat(CommandLine.quoted("a \"b\" \\ c")).isEqualTo("\"a \\\"b\\\" \\\\ c\"");
    }

    @Test
    void anEntryWithASeparatorInItsNameIsRefused() {
        assertThatThrownBy(() -> CommandLine.classPath(List.of("/a:b.jar"))).hasMessageContaining("/a:b.jar");
    }
}
