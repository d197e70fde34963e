package io.farpool.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobStore;
import io.farpool.worker.blob.BlobCache;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathShippingIT {
    @TempDir
    Path directory;

    @Test
    void aJavaProcessRunsOnWhatThisJvmsClassPathBecameByWayOfCoordinatorAndHost() throws Exception {
        try (Coordinator coordinator = new Coordinator(directory.resolve("coordinator"), 1L << 30);
                PackedBundle packed = ClassPathBundle.ofThisJvm().pack();
                BlobStore hostStore = BlobStore.open(directory.resolve("host"), 1L << 30);
                BlobCache host = new BlobCache(hostStore, coordinator.blobs(), coordinator.disk)) {
            BundleUpload.Uploaded uploaded = new BundleUpload(
                            coordinator.blobs(), coordinator.disk, Duration.ofMinutes(1))
                    .send(packed)
                    .get(120, TimeUnit.SECONDS);
            assertThat(uploaded.bytesSent()).isGreaterThan(1_000_000);

            List<Path> classPath = host.resolve("session", uploaded.bundle())
                    .toCompletableFuture()
                    .get(120, TimeUnit.SECONDS);
            List<String> lines = run(classPath);

            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).isEqualTo("shipped with the classes");
            assertThat(lines.get(1)).contains(hostStore.directory().toString()).contains("kryo5");
            assertThat(lines.get(2))
                    .contains(hostStore.directory().toString())
                    .containsPattern("/test-classes-[0-9]+\\.jar$");
            host.release("session");
        }
    }

    private List<String> run(List<Path> classPath) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                        "io.farpool.bundle.ShippedMain")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as("output: %s", lines).isZero();
        return lines;
    }
}
