package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More bytes on their way than a coordinator and a daemon have heap for. They exit if they run out of it. */
@Timeout(300)
class BoundedMemoryIT {
    private static final long SESSION_LEASE_MILLIS = 30_000;
    private static final String HEAP = "-Xmx256m";

    @TempDir
    Path temporaryDirectory;

    @Test
    @DisplayName("200,000 tasks of 10 KiB, submitted at once, through a coordinator with a heap of 256 MiB")
    void manyTasks() throws Exception {
        try (TestCluster cluster = new TestCluster(temporaryDirectory, SESSION_LEASE_MILLIS, HEAP);
                ClientProgram client =
                        ClientProgram.startWithHeap("-Xmx4g", temporaryDirectory, ManyTasks.class, cluster.address())) {
            assertThat(client.readLine()).as(client.errors()).isEqualTo("submitted");
            assertThat(client.readLine()).as(client.errors()).isEqualTo("right: " + ManyTasks.TASKS);
            assertThat(client.exitStatus()).isZero();
        }
    }

    /** Submits faster than its tasks run, since some of them sleep. */
    static final class ManyTasks {
        static final int TASKS = 200_000;
        private static final int PAYLOAD_BYTES = 10 << 10;
        private static final int ONE_SLEEPS_IN = 50;

        private ManyTasks() {}

        public static void main(String[] args) {
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                List<PoolFuture<Integer>> futures = new ArrayList<>(TASKS);
                for (int i = 0; i < TASKS; i++) {
                    byte[] payload = new byte[PAYLOAD_BYTES];
                    Arrays.fill(payload, (byte) i);
                    int number = i;
                    futures.add(pool.submit(() -> sum(payload, number)));
                }
                System.out.println("submitted");
                int right = 0;
                for (int i = 0; i < TASKS; i++) {
                    right += futures.get(i).result() == PAYLOAD_BYTES * (byte) i ? 1 : 0;
                }
                System.out.println("right: " + right);
            }
        }

        private static int sum(byte[] payload, int number) throws InterruptedException {
            if (number % ONE_SLEEPS_IN == 0) {
                Thread.sleep(2);
            }
            int sum = 0;
            for (byte b : payload) {
                sum += b;
            }
            return sum;
        }
    }
}
