package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.proto.v1.SessionDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * More bytes on their way than a coordinator and a daemon have heap for: they exit if they run out of it. What the coordinator
 * has in its heap and on disk is compared with docs/limits.md while it has as many tasks as it takes.
 */
@Timeout(600)
class BoundedMemoryIT {
    private static final long SESSION_LEASE_MILLIS = 30_000;
    private static final String HEAP = "-Xmx256m";

    /** As {@code coordinator --credit-bytes}. */
    private static final long CREDIT_BYTES = SchedulerSettings.defaults().creditBytes();

    /** What a coordinator keeps of a session: docs/operations.md. */
    private static final long SESSION_BYTES = CREDIT_BYTES
            + SchedulerSettings.defaults().unacknowledgedBytes()
            + EndpointSettings.defaults().logBytes();

    /** A tenth less than the credit: some of it is on its way, and what a task has beside its bytes counts too. */
    private static final long FULL_TASKS = CREDIT_BYTES * 9 / 10 / ManyTasks.PAYLOAD_BYTES;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** From one look at the heap to the next: each has it collected, which holds the coordinator up. */
    private static final int TASKS_BETWEEN_COLLECTIONS = ManyTasks.TASKS / 10;

    @TempDir(factory = ShortPath.class)
    Path temporaryDirectory;

    @Test
    @DisplayName("200,000 tasks of 10 KiB for slow workers, through a coordinator with a heap of 256 MiB")
    void manyTasks() throws Exception {
        Gate gate = new Gate(temporaryDirectory.resolve("gate").toString());
        long begunNanos = System.nanoTime();
        try (TestCluster cluster = new TestCluster(temporaryDirectory, SESSION_LEASE_MILLIS, HEAP);
                DiskUse disk = new DiskUse(temporaryDirectory);
                Looks looks = new Looks(cluster);
                ClientProgram client = ClientProgram.startWithHeap(
                        "-Xmx4g",
                        Duration.ofMinutes(9),
                        temporaryDirectory,
                        ManyTasks.class,
                        cluster.address(),
                        gate.file())) {
            assertThat(client.readLine()).as(client.errors()).isEqualTo("submitted");
            Await.until("the coordinator has all that it takes", looks::lookAtTasks);
            gate.open();
            while (client.runs()) {
                looks.look();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            assertThat(client.readLine()).as(client.errors()).isEqualTo("right: " + ManyTasks.TASKS);
            assertThat(client.exitStatus()).isZero();
            cluster.assertNeverOutOfMemory();

            long coordinatorBytes = disk.mostBytes("farpool-coordinator-");
            long daemonBytes = disk.mostBytes("farpool-") + disk.mostBytes("farpool-cache-");
            System.out.printf(
                    "%d tasks in %.1f s; at the coordinator at most %d, in its heap, in MiB, %d, before them %d; full while"
                            + " %d ended; on disk, in MiB, at most: coordinator %d, daemon %d; resident, in MiB, at most:"
                            + " coordinator %s, daemon %s%n",
                    ManyTasks.TASKS,
                    (System.nanoTime() - begunNanos) / 1e9,
                    looks.mostTasks,
                    looks.mostHeapBytes >> 20,
                    looks.idleHeapBytes >> 20,
                    looks.endedWhileFull,
                    coordinatorBytes >> 20,
                    daemonBytes >> 20,
                    MemoryUse.mostResidentMiB(cluster.coordinator()),
                    MemoryUse.mostResidentMiB(cluster.worker()));
            assertThat(looks.endedWhileFull)
                    .as("tasks that ended while the coordinator had all that it takes")
                    .isGreaterThan(ManyTasks.TASKS / 4);
            assertThat(looks.mostTasks * ManyTasks.PAYLOAD_BYTES)
                    .as("a session has no more than its credit at the coordinator")
                    .isLessThanOrEqualTo(CREDIT_BYTES);
            assertThat(looks.mostHeapBytes - looks.idleHeapBytes)
                    .as("the coordinator's heap has what limits.md lets a session have there")
                    .isBetween(FULL_TASKS * ManyTasks.PAYLOAD_BYTES, SESSION_BYTES);
            long classPathBytes = DiskUse.classPathBytes();
            assertThat(coordinatorBytes)
                    .as("the coordinator keeps the class path only")
                    .isBetween(1L, classPathBytes + DiskUse.SMALL_FILES_BYTES);
            assertThat(daemonBytes)
                    .as("and so does the daemon")
                    .isBetween(1L, classPathBytes + DiskUse.SMALL_FILES_BYTES);
        }
    }

    /** Looks at a coordinator's counters, and at its heap now and then while it has all the tasks that it takes. */
    private static final class Looks implements AutoCloseable {
        private final TestCluster cluster;
        private final Counters counters;
        final long idleHeapBytes;
        long mostHeapBytes;
        long mostTasks;
        /** Between two looks that follow each other and found it full. */
        long endedWhileFull;

        private boolean wasFull;
        private long ended;
        private long nextCollection;

        Looks(TestCluster cluster) throws IOException {
            this.cluster = cluster;
            counters = new Counters(cluster.address());
            idleHeapBytes = MemoryUse.liveHeapBytes(cluster.coordinator());
        }

        void look() throws IOException {
            if (lookAtTasks() && ended >= nextCollection) {
                mostHeapBytes = Math.max(mostHeapBytes, MemoryUse.liveHeapBytes(cluster.coordinator()));
                nextCollection = ended + TASKS_BETWEEN_COLLECTIONS;
            }
        }

        /** Whether it has as many as it takes. */
        boolean lookAtTasks() {
            long tasks = 0;
            long endedBefore = ended;
            for (SessionDescription session : counters.describe().getSessionsList()) {
                tasks += session.getQueued() + session.getAssigned();
                ended = session.getCompleted();
            }
            mostTasks = Math.max(mostTasks, tasks);
            boolean full = tasks >= FULL_TASKS;
            if (full && wasFull) {
                endedWhileFull += ended - endedBefore;
            }
            wasFull = full;
            return full;
        }

        @Override
        public void close() {
            counters.close();
        }
    }

    /** Submits all at once. The first tasks keep all slots until the gate is open; the others take a moment each. */
    static final class ManyTasks {
        static final int TASKS = 200_000;
        static final int PAYLOAD_BYTES = 10 << 10;
        /** More than slots: while it is shut, no task ends. */
        private static final int WAIT_AT_THE_GATE = 100;

        private static final long MOMENT_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

        private ManyTasks() {}

        public static void main(String[] args) {
            Gate gate = new Gate(args[1]);
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.connect(args[0])) {
                List<PoolFuture<Integer>> futures = new ArrayList<>(TASKS);
                for (int i = 0; i < TASKS; i++) {
                    byte[] payload = new byte[PAYLOAD_BYTES];
                    Arrays.fill(payload, (byte) i);
                    int number = i;
                    futures.add(pool.submit(() -> {
                        if (number < WAIT_AT_THE_GATE) {
                            gate.await();
                        }
                        return sum(payload);
                    }));
                }
                System.out.println("submitted");
                int right = 0;
                for (int i = 0; i < TASKS; i++) {
                    right += futures.get(i).result() == PAYLOAD_BYTES * (byte) i ? 1 : 0;
                }
                System.out.println("right: " + right);
            }
        }

        private static int sum(byte[] payload) {
            LockSupport.parkNanos(MOMENT_NANOS);
            int sum = 0;
            for (byte b : payload) {
                sum += b;
            }
            return sum;
        }
    }
}
