package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.ProcessPoolExecutor;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * More large results than a client takes in time, through a coordinator and a daemon with heaps of 256 MiB, which exit if they run
 * out of that. What the client does not take stays on the daemon's disk, within its limit, and then no more of its tasks start.
 *
 * <p>There are {@value #DEFAULT_COUNT} results unless {@code -Dfarpool.slow.results=200} says otherwise.
 */
@Timeout(1_800)
class SlowReaderIT {
    private static final int DEFAULT_COUNT = 12;
    private static final int RESULT_BYTES = 64 << 20;
    private static final long SESSION_LEASE_MILLIS = 60_000;
    private static final String HEAP = "-Xmx256m";

    /** As {@code worker --held-results}. */
    private static final long HELD_BYTES = 128 << 20;

    /** What a client receives ahead of what it reads: docs/limits.md. */
    private static final long RECEIVED_BYTES = 256 << 20;

    @TempDir(factory = ShortPath.class)
    Path temporaryDirectory;

    @Test
    @DisplayName("results of 64 MiB for a client that reads slowly wait on disk, within limits, and arrive whole")
    void resultsWaitOnDisk() throws Exception {
        int count = Integer.getInteger("farpool.slow.results", DEFAULT_COUNT);
        long begunNanos = System.nanoTime();
        try (TestCluster cluster = new TestCluster(temporaryDirectory, SESSION_LEASE_MILLIS, HEAP, HELD_BYTES);
                DiskUse disk = new DiskUse(temporaryDirectory);
                ClientProgram client = ClientProgram.startWithHeap(
                        "-Xmx2g",
                        Duration.ofMinutes(29),
                        temporaryDirectory,
                        SlowReader.class,
                        cluster.address(),
                        "" + count)) {
            assertThat(client.readLine()).as(client.errors()).isEqualTo("right: " + count);
            assertThat(client.exitStatus()).isZero();
            cluster.assertNeverOutOfMemory();

            long coordinatorBytes = disk.mostBytes("farpool-coordinator-");
            long daemonBytes = disk.mostBytes("farpool-") + disk.mostBytes("farpool-cache-");
            long clientBytes = disk.mostBytes("farpool-payloads-");
            System.out.printf(
                    "%d results of %d MiB in %.1f s; on disk, in MiB, at most: coordinator %d, daemon %d, client %d;"
                            + " resident, in MiB, at most: coordinator %s, daemon %s%n",
                    count,
                    RESULT_BYTES >> 20,
                    (System.nanoTime() - begunNanos) / 1e9,
                    coordinatorBytes >> 20,
                    daemonBytes >> 20,
                    clientBytes >> 20,
                    MemoryUse.mostResidentMiB(cluster.coordinator()),
                    MemoryUse.mostResidentMiB(cluster.worker()));
            long classPathBytes = DiskUse.classPathBytes();
            assertThat(coordinatorBytes)
                    .as("the coordinator keeps the class path only")
                    .isBetween(1L, classPathBytes + DiskUse.SMALL_FILES_BYTES);
            assertThat(daemonBytes)
                    .as("the daemon keeps what it may hold, and a result for each slot")
                    .isBetween(
                            HELD_BYTES,
                            HELD_BYTES
                                    + (long) TestCluster.SLOTS * RESULT_BYTES
                                    + classPathBytes
                                    + DiskUse.SMALL_FILES_BYTES);
            assertThat(clientBytes).isBetween(1L, RECEIVED_BYTES + DiskUse.SMALL_FILES_BYTES);
        }
    }

    /** A value that takes a moment to be read. */
    static final class Result implements Serializable {
        final int number;
        /** Null once it has been checked, so that the program's own heap is no matter. */
        byte[] bytes;

        final long crc32c;
        final Pause pause = new Pause();

        Result(int number) {
            this.number = number;
            bytes = new byte[RESULT_BYTES];
            new SplittableRandom(number).nextBytes(bytes);
            crc32c = crc32c(bytes);
        }

        static long crc32c(byte[] bytes) {
            CRC32C crc = new CRC32C();
            crc.update(ByteBuffer.wrap(bytes));
            return crc.getValue();
        }
    }

    /** Takes its time when it is read. */
    static final class Pause implements Serializable {
        private static final long MILLIS = 500;

        private Object readResolve() throws InterruptedException {
            Thread.sleep(MILLIS);
            return this;
        }
    }

    /** Submits all at once, checks each result in a callback. */
    static final class SlowReader {
        private SlowReader() {}

        public static void main(String[] args) {
            int count = Integer.parseInt(args[1]);
            AtomicInteger right = new AtomicInteger();
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                List<CompletableFuture<Void>> checked = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    int number = i;
                    checked.add(pool.submit(() -> new Result(number)).thenAccept(result -> {
                        boolean whole = result.number == number
                                && result.bytes.length == RESULT_BYTES
                                && Result.crc32c(result.bytes) == result.crc32c;
                        result.bytes = null;
                        if (whole) {
                            right.incrementAndGet();
                        }
                    }));
                }
                checked.forEach(CompletableFuture::join);
            }
            System.out.println("right: " + right);
        }
    }
}
