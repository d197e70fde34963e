package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.MapOptions;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteFunction;
import io.farpool.TaskOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Payloads too large for a message, both ways: they come as the small ones do, and nothing of them is left. */
abstract class LargePayloadContract {
    private static final int MIB = 1 << 20;

    /** What this class's worker processes were set up with. */
    private static volatile long[] initialized;

    private PoolExecutor open;

    abstract ProcessBackend backend();

    PoolExecutor pool(int workers) {
        open = backend().newPool(workers, null);
        return open;
    }

    @AfterEach
    void everythingIsRemoved() {
        if (open != null) {
            open.close();
        }
        Await.until("the client's files of large payloads are removed: " + leftFiles(), () -> leftFiles()
                .isEmpty());
    }

    @Test
    void aResultOf100MiBOfAnArgumentOf100MiB() {
        long[] numbers = numbers(100 * MIB / Long.BYTES, 1);
        PoolFuture<long[]> future = pool(1).submit(LargePayloadContract::negated, numbers);
        long[] negated = future.result();
        assertThat(negated).hasSameSizeAs(numbers);
        for (int i = 0; i < negated.length; i++) {
            if (negated[i] != -numbers[i]) {
                throw new AssertionError("number " + i + " is " + negated[i] + ", expected " + -numbers[i]);
            }
        }
    }

    @Test
    void manyTasksWithLargeArgumentsAndLargeResults() {
        PoolExecutor pool = pool(4);
        List<PoolFuture<long[]>> futures = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            futures.add(pool.submit(LargePayloadContract::negated, numbers(3 * MIB / Long.BYTES, i)));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(futures.get(i).result()[1]).isEqualTo(-numbers(2, i)[1]);
        }
    }

    @Test
    void resultsThatAreAwaitedSlowlyComeAll() {
        PoolExecutor pool = pool(2);
        AtomicInteger sum = new AtomicInteger();
        int i = 0;
        try (var results = pool.map(
                LargePayloadContract::made,
                java.util.stream.IntStream.range(0, 60).boxed().toList(),
                MapOptions.defaults().bufferSize(10))) {
            for (byte[] result : results) {
                assertThat(result).hasSize(8 * MIB);
                assertThat(result[result.length - 1]).isEqualTo((byte) i++);
                sum.addAndGet(result.length / MIB);
            }
        }
        assertThat(sum).hasValue(60 * 8);
    }

    @Test
    void smallTasksGoOnBesideLargeOnes() {
        PoolExecutor pool = pool(2);
        List<PoolFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            futures.add(i % 50 == 0 ? pool.submit(LargePayloadContract::made, i) : pool.submit(() -> number));
        }
        for (int i = 0; i < 500; i++) {
            if (futures.get(i).result() instanceof byte[] large) {
                assertThat(large).hasSize(8 * MIB).startsWith((byte) i);
            } else {
                assertThat(futures.get(i).result()).isEqualTo(i);
            }
        }
    }

    @Test
    void aLargeExceptionArrivesAsItself() {
        PoolFuture<?> future = pool(1).submit(() -> {
            throw new HeavyException(new byte[5 * MIB]);
        });
        assertThatThrownBy(future::result).isInstanceOf(HeavyException.class).satisfies(thrown -> assertThat(
                        ((HeavyException) thrown).weight)
                .hasSize(5 * MIB));
    }

    @Test
    void aLargeInitializerRunsInEveryProcess() {
        long[] numbers = numbers(5 * MIB / Long.BYTES, 9);
        open = backend().newPool(2, LargePayloadContract::initialize, numbers);
        List<PoolFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            futures.add(open.submit(LargePayloadContract::initializedSum));
        }
        futures.forEach(future ->
                assertThat(future.result()).isEqualTo(Arrays.stream(numbers).sum()));
    }

    @Test
    void aChunkOfLargeItemsIsOneLargeTaskWithOneLargeResult() {
        List<byte[]> items = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] item = new byte[MIB / 2];
            item[0] = (byte) i;
            items.add(item);
        }
        List<byte[]> results = pool(2).map(
                        LargePayloadContract::copied,
                        items,
                        MapOptions.defaults().chunkSize(6))
                .toList();
        assertThat(results).hasSize(12);
        for (int i = 0; i < 12; i++) {
            assertThat(results.get(i)).isEqualTo(items.get(i));
        }
    }

    @Test
    void aCancelledLargeTaskLeavesNothing() throws Exception {
        PoolExecutor pool = pool(1);
        PoolFuture<?> first = pool.submit(LargePayloadContract::slow, new byte[4 * MIB]);
        List<PoolFuture<byte[]>> behind = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            behind.add(pool.submit(LargePayloadContract::copied, new byte[4 * MIB]));
        }
        behind.forEach(future -> assertThat(future.cancel()).isTrue());
        assertThat(first.cancel(true)).isTrue();
        assertThat(pool.submit(LargePayloadContract::copied, new byte[2 * MIB]).get(60, TimeUnit.SECONDS))
                .hasSize(2 * MIB);
    }

    @Test
    void aLargeTaskThatShutdownNowGivesBackStillRuns() throws Exception {
        PoolExecutor pool = pool(1);
        PoolFuture<?> first = pool.submit(LargePayloadContract::slow, new byte[10]);
        Await.until("it runs", first::running);
        PoolFuture<?> ignored = pool.submit(LargePayloadContract::kept, new byte[4 * MIB]);
        List<Runnable> neverStarted = pool.shutdownNow();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(neverStarted).hasSize(1);
        KEPT.clear();
        neverStarted.forEach(Runnable::run);
        assertThat(KEPT.get("length")).isEqualTo(4 * MIB);
        neverStarted.clear();
        Await.until("it is collected, and its file removed", () -> {
            System.gc();
            return leftFiles().isEmpty();
        });
    }

    @Test
    void aTaskOfWhichALargeArgumentCannotBeSerializedFailsAlone() {
        PoolExecutor pool = pool(1);
        PoolFuture<?> refused =
                pool.submit(LargePayloadContract::length, new Object[] {new byte[4 * MIB], new Thread()});
        assertThat(refused.exception()).hasMessageContaining("Thread");
        assertThat(pool.submit(LargePayloadContract::length, new Object[] {new byte[4 * MIB]})
                        .result())
                .isEqualTo(1);
    }

    @Test
    void aLargeTaskWhoseProcessDiesIsTriedAgain() throws IOException {
        Path marker = Files.createTempFile("died", ".marker");
        try {
            RemoteFunction<byte[], byte[]> dieOnce = bytes -> {
                if (Files.deleteIfExists(marker)) {
                    Runtime.getRuntime().halt(3);
                }
                return bytes;
            };
            assertThat(pool(1).with(TaskOptions.defaults().attempts(2))
                            .submit(dieOnce, new byte[6 * MIB])
                            .result())
                    .hasSize(6 * MIB);
        } finally {
            Files.deleteIfExists(marker);
        }
    }

    // ------------------------------------------------------------------------------------------------ tasks

    private static final ConcurrentHashMap<String, Integer> KEPT = new ConcurrentHashMap<>();

    private static byte[] kept(byte[] bytes) {
        KEPT.put("length", bytes.length);
        return bytes;
    }

    private static int length(Object[] array) {
        return array.length;
    }

    private static long[] negated(long[] numbers) {
        long[] negated = new long[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            negated[i] = -numbers[i];
        }
        return negated;
    }

    private static byte[] made(int number) {
        byte[] bytes = new byte[8 * MIB];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private static byte[] copied(byte[] bytes) {
        return bytes.clone();
    }

    private static byte[] slow(byte[] bytes) throws InterruptedException {
        Thread.sleep(60_000);
        return bytes;
    }

    private static Object initialize(long[] numbers) {
        initialized = numbers;
        return numbers.length;
    }

    private static long initializedSum() {
        return Arrays.stream(initialized).sum();
    }

    private static long[] numbers(int count, long seed) {
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (i + seed) * 0x9E3779B97F4A7C15L;
        }
        return numbers;
    }

    private static final class HeavyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final byte[] weight;

        HeavyException(byte[] weight) {
            super("heavy");
            this.weight = weight;
        }
    }

    /** Directories of this JVM for large payloads. */
    private static List<Path> leftFiles() {
        String mine = "farpool-payloads-" + ProcessHandle.current().pid() + "-";
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith(mine))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
