package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.WorkerLostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program whose parallel streams and the like wait for what a pool on a cluster gives them. */
@Timeout(120)
class OccupiedCommonPoolTest {
    @TempDir
    Path classes;

    @Test
    void aPoolsFirstTaskSendsTheClassPathWhileEveryThreadOfTheCommonPoolWaits() throws Exception {
        Files.writeString(classes.resolve("resource"), "not at the coordinator yet");
        CountDownLatch over = new CountDownLatch(1);
        try (RestartingCoordinator coordinator = new RestartingCoordinator()) {
            coordinator.takesBlobs = true;
            coordinator.start();
            occupyCommonPool(over);
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                    .coordinator(coordinator.target())
                    .classPath(classes)
                    .build()) {
                assertThat(pool.submit(() -> 42).get(60, TimeUnit.SECONDS)).isEqualTo(42);
            }
        } finally {
            over.countDown();
        }
    }

    @Test
    void anEmbeddedPoolHearsOfAProcesssEndWhileEveryThreadOfTheCommonPoolWaits() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        occupyCommonPool(over);
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            PoolFuture<Object> future = pool.submit(() -> {
                Runtime.getRuntime().halt(3);
                return null;
            });
            assertThat(future.exception(Duration.ofSeconds(60))).isInstanceOf(WorkerLostException.class);
            assertThat(pool.submit(() -> 42).get(60, TimeUnit.SECONDS)).isEqualTo(42);
        } finally {
            over.countDown();
        }
    }

    private static void occupyCommonPool(CountDownLatch over) throws InterruptedException {
        int threads = ForkJoinPool.commonPool().getParallelism();
        CountDownLatch occupied = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            ForkJoinPool.commonPool().execute(() -> {
                occupied.countDown();
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertThat(occupied.await(60, TimeUnit.SECONDS)).isTrue();
    }
}
