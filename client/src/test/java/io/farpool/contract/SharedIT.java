package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.Shared;
import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a shared value moves, and what becomes of it when something fails on its way. */
@Timeout(300)
class SharedIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MEBIBYTE = 1 << 20;
    /** More than this project's class path takes, and less than that and a large value. */
    private static final long SMALL_STORE_BYTES = 160L * MEBIBYTE;

    private static final int LARGE_BYTES = 120 * MEBIBYTE;

    @TempDir
    Path temporaryDirectory;

    /** Counts how often it is decoded in a process. */
    static final class Table implements Serializable {
        private static final long serialVersionUID = 1L;
        static final AtomicInteger DECODED = new AtomicInteger();

        final byte[] bytes;

        Table(byte[] bytes) {
            this.bytes = bytes;
        }

        private Object readResolve() {
            DECODED.incrementAndGet();
            return this;
        }

        /** Says which process it was in, how often it was decoded there, and what is in it. */
        String look() {
            return Tasks.pid() + " " + DECODED.get() + " " + bytes.length + " " + bytes[bytes.length - 1];
        }
    }

    private static byte[] random(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    // ------------------------------------------------------------------------------------------------ how often

    @Test
    @DisplayName(
            "a value of 32 MiB that 1,000 tasks on two hosts read is sent once, fetched once a host, decoded once a process")
    void movesOnce() throws Exception {
        movesOnce(32 * MEBIBYTE);
    }

    @Test
    @DisplayName("so is one of 500 MiB")
    @EnabledIfSystemProperty(named = "farpool.test.large", matches = "true")
    void movesOnceThoughLarge() throws Exception {
        movesOnce(500 * MEBIBYTE);
    }

    @SuppressWarnings("SystemOut") // how long it takes belongs into the report
    private void movesOnce(int size) throws Exception {
        byte[] bytes = random(1, size);
        ProcessContext large = ProcessContext.defaults().jvmOptions("-Xmx" + (size / MEBIBYTE * 7 / 2 + 64) + "m");
        try (TestCluster cluster = new TestCluster(temporaryDirectory);
                Counters counters = new Counters(cluster.address())) {
            Process ignored = cluster.startWorker();
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                    .coordinator(cluster.address())
                    .processContext(large)
                    .build()) {
                Set<String> processes = startAll(pool, 2 * TestCluster.SLOTS);
                long uploads = counters.describe().getBlobsReceived();
                long uploadBytes = counters.describe().getBlobBytesReceived();
                counters.awaitFetchedByEach(2, uploads, uploadBytes);

                long beganNanos = System.nanoTime();
                try (Shared<Table> shared = pool.share(new Table(bytes))) {
                    List<PoolFuture<String>> futures = new ArrayList<>();
                    for (int i = 0; i < 1_000; i++) {
                        futures.add(pool.submit(() -> {
                            String seen = shared.get().look();
                            Thread.sleep(2); // so that every process has some
                            return seen;
                        }));
                    }
                    List<String> seen = new ArrayList<>();
                    for (PoolFuture<String> future : futures) {
                        seen.add(future.result(PATIENCE));
                    }
                    System.out.println(size / MEBIBYTE + " MiB shared by 1,000 tasks of 2 ms on 2 hosts took "
                            + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos) + " ms");
                    assertThat(Set.copyOf(seen))
                            .as("one decoding in each process")
                            .isSubsetOf(processes.stream()
                                    .map(pid -> pid + " 1 " + size + " " + bytes[size - 1])
                                    .collect(Collectors.toSet()))
                            .hasSizeGreaterThan(TestCluster.SLOTS);
                    long encodedBytes = counters.describe().getBlobBytesReceived() - uploadBytes;
                    assertThat(encodedBytes).isBetween((long) size, size + 10_000L);
                    counters.awaitFetchedByEach(2, uploads + 1, uploadBytes + encodedBytes);
                    assertThat(pool.submit(() -> shared.get().look()).result(PATIENCE))
                            .contains(" 1 ");
                    assertThat(counters.describe().getBlobsReceived()).isEqualTo(uploads + 1);
                    counters.awaitFetchedByEach(2, uploads + 1, uploadBytes + encodedBytes);
                }
            }
        }
    }

    /** Has every slot start its process, and gives the process ids. */
    private Set<String> startAll(PoolExecutor pool, int slots) throws IOException {
        Trace started = new Trace(temporaryDirectory.resolve("started").toString());
        Gate gate = new Gate(temporaryDirectory.resolve("gate").toString());
        List<PoolFuture<Boolean>> futures = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            futures.add(pool.submit(() -> {
                started.add("" + Tasks.pid());
                return gate.await();
            }));
        }
        Await.until("all have started", PATIENCE, () -> started.lines().size() == slots);
        gate.open();
        futures.forEach(future -> assertThat(future.result()).isTrue());
        return Set.copyOf(started.lines());
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Test
    @DisplayName("a coordinator that is started anew is given again what tasks read, also those that run meanwhile")
    void outlivesItsCoordinator() throws Exception {
        byte[] bytes = random(2, 8 * MEBIBYTE);
        int hash = Arrays.hashCode(bytes);
        try (TestCluster cluster = new TestCluster(temporaryDirectory);
                ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                        .coordinator(cluster.address())
                        .maxTasksPerProcess(50)
                        .build();
                Shared<byte[]> early = pool.share(bytes);
                Shared<byte[]> late = pool.share(random(3, MEBIBYTE))) {
            List<PoolFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                futures.add(pool.submit(() -> {
                    Thread.sleep(5);
                    return Arrays.hashCode(early.get());
                }));
            }
            Await.until(
                    "some are done",
                    () -> futures.stream().filter(PoolFuture::isDone).count() > 100);
            cluster.endCoordinator(true);
            for (int i = 0; i < 100; i++) {
                futures.add(pool.submit(() -> late.get().length + Arrays.hashCode(early.get())));
            }
            cluster.startCoordinator();
            Process ignored = cluster.startWorker(); // has nothing, so it asks the new coordinator
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).result(PATIENCE)).isEqualTo(i < 1_000 ? hash : MEBIBYTE + hash);
            }
        }
    }

    @Test
    @DisplayName("a coordinator without room for a value fails the tasks that need it, and no other")
    void coordinatorIsFull() throws Exception {
        try (CoordinatorServer coordinator = CoordinatorServer.start(
                        CoordinatorSettings.defaults().withPort(0).withBlobLimitBytes(SMALL_STORE_BYTES));
                WorkerDaemon worker = startWorker(coordinator, WorkerSettings.defaults());
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect("127.0.0.1:" + coordinator.port())) {
            assertThat(worker.attached()).isTrue();
            assertThat(pool.submit(Tasks::square, 3).result(PATIENCE)).isEqualTo(9);
            try (Shared<byte[]> large = pool.share(random(1, LARGE_BYTES));
                    Shared<byte[]> small = pool.share(random(2, 1_000))) {
                PoolFuture<Integer> failing = pool.submit(() -> large.get().length);
                PoolFuture<Integer> other = pool.submit(() -> small.get().length);
                assertThat(failing.exception(PATIENCE))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("a shared value of")
                        .hasMessageContaining("no room for blob");
                assertThat(other.result(PATIENCE)).isEqualTo(1_000);
                assertThat(pool.submit(Tasks::square, 4).result(PATIENCE)).isEqualTo(16);
            }
        }
    }

    @Test
    @DisplayName("a host without room for a value fails the tasks that need it, and no other")
    void hostIsFull() throws Exception {
        try (CoordinatorServer coordinator =
                        CoordinatorServer.start(CoordinatorSettings.defaults().withPort(0));
                WorkerDaemon worker =
                        startWorker(coordinator, WorkerSettings.defaults().withBlobCacheBytes(SMALL_STORE_BYTES));
                ProcessPoolExecutor pool = ProcessPoolExecutor.connect("127.0.0.1:" + coordinator.port())) {
            assertThat(worker.attached()).isTrue();
            try (Shared<byte[]> large = pool.share(random(1, LARGE_BYTES));
                    Shared<byte[]> small = pool.share(random(2, 1_000))) {
                PoolFuture<Integer> failing = pool.submit(() -> large.get().length);
                PoolFuture<Integer> other = pool.submit(() -> small.get().length);
                assertThat(failing.exception(PATIENCE))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("cannot be had here")
                        .hasMessageContaining("no room for blob");
                assertThat(other.result(PATIENCE)).isEqualTo(1_000);
            }
        }
    }

    private static WorkerDaemon startWorker(CoordinatorServer coordinator, WorkerSettings settings) throws IOException {
        return WorkerDaemon.start(
                settings.withCoordinator("127.0.0.1:" + coordinator.port()).withSlots(1));
    }

    @Test
    @DisplayName("an embedded pool's processes read the client's own file, which goes when the value is closed")
    void embeddedReadsInPlace() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
            Shared<byte[]> shared = pool.share(random(1, MEBIBYTE));
            assertThat(pool.submit(() -> shared.get().length).result(PATIENCE)).isEqualTo(MEBIBYTE);
            assertThat(copies()).isEqualTo(1);
            shared.close();
            Await.until("its file is gone", () -> copies() == 0);
        }
    }

    /** Shares, and does nothing else with its pool but to close it, or not even that. */
    static final class Sharing {
        private Sharing() {}

        @SuppressWarnings("resource") // that is the point
        public static void main(String[] arguments) {
            ProcessPoolExecutor pool = ProcessPoolExecutor.create(1);
            Shared<byte[]> ignored = pool.share(random(1, MEBIBYTE));
            if (arguments[1].equals("closes")) {
                pool.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closes", "forgets to close"})
    @DisplayName("a program that shares and exits leaves no file, even if its pool has never run a task")
    void nothingIsLeftAtExit(String what, @TempDir Path temporary) throws Exception {
        try (ClientProgram program = ClientProgram.start(temporary, Sharing.class, null, what)) {
            assertThat(program.exitStatus()).as(program.errors()).isZero();
            try (Stream<Path> left = Files.list(temporary)) {
                assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.contains("shared"));
            }
        }
    }

    /** Files of farpool in the temporary directory that are a little larger than 1 MiB. */
    private static long copies() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (Stream<Path> files = Files.find(
                temporary,
                6,
                (path, attributes) -> attributes.isRegularFile()
                        && attributes.size() > MEBIBYTE
                        && attributes.size() < MEBIBYTE + 1_000
                        && path.toString().contains("farpool-"))) {
            return files.count();
        } catch (IOException | UncheckedIOException vanished) {
            return -1;
        }
    }
}
