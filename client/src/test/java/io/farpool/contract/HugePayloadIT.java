package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.Shared;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A payload of 3 GiB, more than an array or a message holds, there and back, in processes with heaps that have room for the value
 * and no more; on a cluster, with a coordinator and a worker of 128 MiB. It needs 8 GiB of memory and 15 GiB of disk, so it is run
 * on demand: {@code -Dfarpool.huge.bytes=3221225472}.
 */
@Timeout(900)
@EnabledIfSystemProperty(named = HugePayloadIT.BYTES, matches = "\\d+")
class HugePayloadIT {
    static final String BYTES = "farpool.huge.bytes";

    /** What an int far from 0 takes when it is serialized. */
    private static final int BYTES_EACH = 5;

    @Test
    void itGoesThere(@TempDir Path directory) throws Exception {
        assertThat(run("there", Long.getLong(BYTES), directory)).isEqualTo("ok");
    }

    @Test
    void itComesBack(@TempDir Path directory) throws Exception {
        assertThat(run("back", Long.getLong(BYTES), directory)).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(strings = {"there", "back"})
    void itIsRelayed(String way, @TempDir Path directory) throws Exception {
        try (TestCluster cluster =
                new TestCluster(directory, LargeSharedIT.SESSION_LEASE_MILLIS, LargeSharedIT.SMALL_HEAP)) {
            assertThat(run(way, Long.getLong(BYTES), directory, cluster.address()))
                    .isEqualTo("ok");
            cluster.assertNeverOutOfMemory();
        }
    }

    /**
     * Has a program of its own send a value whichever way, and gives what that said: {@code ok}, or what is wrong.
     *
     * @param bytes what the value takes, serialized
     * @param coordinator whose cluster it uses; if there is none given, processes of its own
     */
    static String run(String way, long bytes, Path directory, String... coordinator) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap(bytes),
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                way,
                "" + bytes));
        command.addAll(List.of(coordinator));
        Process process = new ProcessBuilder(command)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return said.isEmpty() ? Files.readString(directory.resolve("stderr")) : said;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The value takes four fifths of what it takes serialized. */
    private static String heap(long bytes) {
        return "-Xmx" + (bytes / BYTES_EACH * Integer.BYTES * 3 / 2 / (1 << 20) + 100) + "m";
    }

    static final class Main {
        private Main() {}

        public static void main(String[] args) {
            int count = (int) (Long.parseLong(args[1]) / BYTES_EACH);
            ProcessPoolExecutor.Builder here = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .processContext(
                            ProcessContext.defaults().jvmOptions(heap(Long.parseLong(args[1])), "-XX:+UseSerialGC"));
            ProcessPoolExecutor.Builder builder = args.length > 2 ? here.coordinator(args[2]) : here;
            try (ProcessPoolExecutor pool = builder.build()) {
                long sum =
                        switch (args[0]) {
                            case "there" -> pool.submit(Main::sum, made(count)).result();
                            case "back" -> sum(pool.submit(Main::made, count).result());
                            case "shared" -> sumOfShared(pool, made(count));
                            default -> throw new IllegalArgumentException("there is no way " + args[0]);
                        };
                long expected = (long) count * Integer.MIN_VALUE + (long) count * (count - 1) / 2;
                System.out.println(sum == expected ? "ok" : "the sum is " + sum + ", expected " + expected);
            }
        }

        private static long sumOfShared(PoolExecutor pool, int[] numbers) {
            try (Shared<int[]> shared = pool.share(numbers)) {
                return pool.submit(() -> sum(shared.get())).result();
            }
        }

        private static int[] made(int count) {
            int[] numbers = new int[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = Integer.MIN_VALUE + i;
            }
            return numbers;
        }

        private static long sum(int[] numbers) {
            long sum = 0;
            for (int number : numbers) {
                sum += number;
            }
            return sum;
        }
    }
}
