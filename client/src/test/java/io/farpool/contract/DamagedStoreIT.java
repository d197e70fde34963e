package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.ProcessPoolExecutor;
import io.farpool.Shared;
import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is damaged, or has gone, in the stores of hosts and coordinators while a session needs it. */
@Timeout(300)
class DamagedStoreIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MEBIBYTE = 1 << 20;

    private static byte[] random(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static WorkerDaemon startWorker(CoordinatorServer coordinator, WorkerSettings settings) throws IOException {
        return WorkerDaemon.start(
                settings.withCoordinator("127.0.0.1:" + coordinator.port()).withSlots(1));
    }

    /** Each task in a process of its own, which has to have everything anew. */
    private static ProcessPoolExecutor startPool(CoordinatorServer coordinator) {
        return ProcessPoolExecutor.builder()
                .coordinator("127.0.0.1:" + coordinator.port())
                .maxTasksPerProcess(1)
                .build();
    }

    @Test
    @DisplayName("a value that is damaged in a host's cache is fetched again for the next process")
    void cacheIsDamaged(@TempDir Path cache) throws Exception {
        byte[] bytes = random(1, 3 * MEBIBYTE);
        try (CoordinatorServer coordinator =
                        CoordinatorServer.start(CoordinatorSettings.defaults().withPort(0));
                WorkerDaemon worker =
                        startWorker(coordinator, WorkerSettings.defaults().withCacheDirectory(cache));
                ProcessPoolExecutor pool = startPool(coordinator);
                Shared<byte[]> shared = pool.share(bytes)) {
            assertThat(worker.attached()).isTrue();
            assertThat(pool.submit(() -> Arrays.hashCode(shared.get())).result(PATIENCE))
                    .isEqualTo(Arrays.hashCode(bytes));
            Path file;
            try (Stream<Path> files = Files.walk(cache)) {
                file = files.filter(path -> path.endsWith("shared")).findFirst().orElseThrow();
            }
            Files.write(file, new byte[1_000]);
            assertThat(pool.submit(() -> Arrays.hashCode(shared.get())).result(PATIENCE))
                    .isEqualTo(Arrays.hashCode(bytes));
            assertThat(Files.size(file)).isGreaterThan(bytes.length);
        }
    }

    @Test
    @DisplayName("a jar that is damaged in a host's cache is fetched again before the next process is started")
    void cachedJarIsDamaged(@TempDir Path cache) throws Exception {
        try (CoordinatorServer coordinator =
                        CoordinatorServer.start(CoordinatorSettings.defaults().withPort(0));
                WorkerDaemon worker =
                        startWorker(coordinator, WorkerSettings.defaults().withCacheDirectory(cache));
                ProcessPoolExecutor pool = startPool(coordinator)) {
            assertThat(worker.attached()).isTrue();
            assertThat(pool.submit(Tasks::square, 3).result(PATIENCE)).isEqualTo(9);
            // A process would become ready without it, and its tasks would fail.
            Path jar = blobs(cache).stream()
                    .filter(file -> holds(file, Tasks.class))
                    .findFirst()
                    .orElseThrow();
            byte[] whole = Files.readAllBytes(jar);
            Files.write(jar, Arrays.copyOf(whole, 100));
            assertThat(pool.submit(Tasks::square, 4).result(PATIENCE)).isEqualTo(16);
            assertThat(jar).hasBinaryContent(whole);
        }
    }

    private static boolean holds(Path file, Class<?> type) {
        if (!file.toString().endsWith(".jar")) {
            return false;
        }
        try (JarFile jar = new JarFile(file.toFile())) {
            return jar.getEntry(type.getName().replace('.', '/') + ".class") != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName(
            "a value that is damaged in the coordinator's store is asked of the client again, and the tasks complete")
    void storeIsDamaged(@TempDir Path store) throws Exception {
        byte[] bytes = random(1, 3 * MEBIBYTE);
        try (CoordinatorServer coordinator = CoordinatorServer.start(
                        CoordinatorSettings.defaults().withPort(0).withDataDirectory(store));
                WorkerDaemon first = startWorker(coordinator, WorkerSettings.defaults());
                ProcessPoolExecutor pool = startPool(coordinator);
                Shared<byte[]> shared = pool.share(bytes)) {
            assertThat(first.attached()).isTrue();
            assertThat(pool.submit(() -> Arrays.hashCode(shared.get())).result(PATIENCE))
                    .isEqualTo(Arrays.hashCode(bytes));
            damage(fileOfAbout(bytes.length, store));
            first.drain(Duration.ofSeconds(30));
            try (WorkerDaemon second = startWorker(coordinator, WorkerSettings.defaults())) {
                assertThat(pool.submit(() -> Arrays.hashCode(shared.get())).result(PATIENCE))
                        .isEqualTo(Arrays.hashCode(bytes));
                assertThat(second.attached()).isTrue();
                Files.delete(fileOfAbout(bytes.length, store));
                second.drain(Duration.ofSeconds(30));
            }
            try (WorkerDaemon third = startWorker(coordinator, WorkerSettings.defaults())) {
                assertThat(third.attached()).isTrue();
                assertThat(pool.submit(() -> Arrays.hashCode(shared.get())).result(PATIENCE))
                        .isEqualTo(Arrays.hashCode(bytes));
            }
        }
    }

    private static Path fileOfAbout(int bytes, Path directory) throws IOException {
        try (Stream<Path> files = Files.find(
                directory,
                10,
                (path, attributes) ->
                        attributes.isRegularFile() && attributes.size() > bytes && attributes.size() < bytes + 1_000)) {
            return files.findFirst().orElseThrow();
        }
    }

    /** Changes a byte in the middle. */
    private static void damage(Path file) throws IOException {
        try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
            damaged.seek(damaged.length() / 2);
            int was = damaged.read();
            damaged.seek(damaged.length() / 2);
            damaged.write(~was);
        }
    }

    @Test
    @DisplayName(
            "a class path that is damaged in the coordinator's store is asked of the client again, and the tasks complete")
    void classPathIsDamaged(@TempDir Path store) throws Exception {
        try (CoordinatorServer coordinator = CoordinatorServer.start(
                        CoordinatorSettings.defaults().withPort(0).withDataDirectory(store));
                WorkerDaemon first = startWorker(coordinator, WorkerSettings.defaults());
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect("127.0.0.1:" + coordinator.port())) {
            assertThat(first.attached()).isTrue();
            assertThat(pool.submit(Tasks::square, 3).result(PATIENCE)).isEqualTo(9);
            List<Path> jars = blobs(store);
            assertThat(jars).hasSizeGreaterThan(4);
            for (int i = 0; i < jars.size(); i++) {
                if (i % 2 == 0) {
                    damage(jars.get(i));
                } else {
                    Files.delete(jars.get(i));
                }
            }
            first.drain(Duration.ofSeconds(30));
            try (WorkerDaemon second = startWorker(coordinator, WorkerSettings.defaults())) {
                assertThat(pool.submit(Tasks::square, 4).result(PATIENCE)).isEqualTo(16);
                assertThat(second.attached()).isTrue();
            }
        }
    }

    private static List<Path> blobs(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock"))
                    .toList();
        }
    }
}
