package io.farpool.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as it is run, with counts so small that only its working is seen. */
class BenchIT {
    @TempDir
    private Path directory;

    private static final Path JAR = Path.of(System.getProperty("bench.jar"));

    /** What it says. */
    private String run(String... arguments) throws Exception {
        Path out = directory.resolve("out");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        Process bench = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(bench.waitFor(4, TimeUnit.MINUTES)).as("it ends").isTrue();
        assertThat(bench.exitValue()).as(Files.readString(out)).isZero();
        return Files.readString(out);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aFirstResultIsMeasuredStepByStep() throws Exception {
        assertThat(run("start", "--quick"))
                .contains("| step, ms | embedded | embedded, with | cluster | cluster, with |")
                .contains("Kryo and the codec")
                .contains("the first result, in all");
        assertThat(Files.readString(JAR.resolveSibling("report").resolve("start.json")))
                .contains("\"farpool-cluster\"");
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void farpoolIsMeasuredBesideAnInProcessPool() throws Exception {
        assertThat(run("systems", "--quick", "--systems", "farpool-embedded,local", "--workloads", "throughput"))
                .doesNotContain("FAILED");
        Path report = JAR.resolveSibling("report");
        assertThat(Files.readString(report.resolve("systems.md")))
                .contains("Farpool, embedded")
                .contains("CPU µs per task");
        assertThat(Files.readString(report.resolve("systems.json"))).contains("\"farpool-embedded\"");
        assertThat(report.resolve("systems.svg")).isNotEmptyFile();
    }
}
