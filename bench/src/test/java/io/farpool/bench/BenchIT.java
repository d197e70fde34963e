package io.farpool.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as it is run, with counts so small that only its working is seen. */
class BenchIT {
    @TempDir
    private Path directory;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void farpoolIsMeasuredBesideAnInProcessPool() throws Exception {
        Path jar = Path.of(System.getProperty("bench.jar"));
        Path out = directory.resolve("out");
        Process bench = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        jar.toString(),
                        "systems",
                        "--quick",
                        "--systems",
                        "farpool-embedded,local",
                        "--workloads",
                        "throughput"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(bench.waitFor(4, TimeUnit.MINUTES)).as("it ends").isTrue();
        assertThat(bench.exitValue()).as(Files.readString(out)).isZero();
        assertThat(Files.readString(out)).doesNotContain("FAILED");
        Path report = jar.resolveSibling("report");
        assertThat(Files.readString(report.resolve("systems.md")))
                .contains("Farpool, embedded")
                .contains("CPU µs per task");
        assertThat(Files.readString(report.resolve("systems.json"))).contains("\"farpool-embedded\"");
        assertThat(report.resolve("systems.svg")).isNotEmptyFile();
    }
}
