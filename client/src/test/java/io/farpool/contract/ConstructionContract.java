package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.Futures;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 1 to 5. */
public abstract class ConstructionContract extends Contract {
    @Test
    @DisplayName("1. 0 and -1 workers are refused, naming the value and the bound")
    void refusesNoWorkers() {
        for (int workers : new int[] {0, -1}) {
            assertThatThrownBy(() -> newPool(workers))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("maxWorkers is " + workers)
                    .hasMessageContaining("at least 1");
        }
    }

    @Test
    @DisplayName("2. a null initializer is none")
    void nullInitializerIsNone() {
        assertThat(newPool(1, null).submit(Tasks::pow, 2, 3).result()).isEqualTo(8);
    }

    @Test
    @DisplayName("3. no worker starts before the first submit")
    void startsNothingBeforeTheFirstSubmit() {
        assertThat(newPool(2).info().processes()).isZero();
    }

    @Test
    @DisplayName("3. three submit-then-result pairs use one worker")
    void usesAnIdleWorkerAgain() {
        boolean processes = backend().processes();
        PoolExecutor pool = newPool(4);
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            workers.add(pool.submit(() -> Tasks.worker(processes)).result());
        }
        assertThat(workers).hasSize(1);
    }

    @Test
    @DisplayName("3. 15 x maxWorkers blocked tasks use exactly maxWorkers workers")
    void startsNoMoreThanTheMaximum() {
        boolean processes = backend().processes();
        PoolExecutor pool = newPool(3);
        Gate gate = newGate();
        Trace trace = newTrace();
        List<PoolFuture<String>> futures = new ArrayList<>();
        for (int i = 0; i < 15 * 3; i++) {
            futures.add(pool.submit(() -> {
                trace.add(Tasks.worker(processes));
                gate.await();
                return Tasks.worker(processes);
            }));
        }
        // Apart from the others, for a cluster has a session to open before.
        Await.until("the first runs", () -> !trace.lines().isEmpty());
        Await.until("three run at once", () -> trace.lines().size() == 3);
        Set<String> workers = new HashSet<>(trace.lines());
        assertThat(workers).hasSize(3);
        gate.open();
        assertThat(futures).allMatch(future -> workers.contains(future.result()));
        assertThat(pool.info().processes()).isEqualTo(3);
    }

    @Test
    @DisplayName("5. the initializer runs once in every worker, before its first task")
    void initializesEveryWorkerOnce() {
        boolean processes = backend().processes();
        Trace trace = newTrace();
        PoolExecutor pool = newPool(2, () -> trace.add(Tasks.worker(processes)));
        List<PoolFuture<Boolean>> futures = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            futures.add(pool.submit(() -> trace.lines().contains(Tasks.worker(processes))));
        }
        assertThat(futures).allMatch(PoolFuture::result);
        assertThat(trace.lines()).doesNotHaveDuplicates().hasSizeBetween(1, 2);
    }

    @Test
    @DisplayName("5. 7. an initializer that throws breaks the pool, which is checked before its being shut down")
    void isBrokenByItsInitializer() {
        PoolExecutor pool = newPool(2, () -> {
            throw new IllegalStateException("no licence");
        });
        PoolFuture<Integer> future = pool.submit(Tasks::square, 3);
        assertThatThrownBy(future::result)
                .isInstanceOf(backend().brokenException())
                .hasStackTraceContaining("no licence");
        Await.until("submitting is refused", () -> {
            try {
                Futures.wait(List.of(pool.submit(Tasks::square, 3)));
                return false;
            } catch (RuntimeException e) {
                return backend().brokenException().isInstance(e);
            }
        });
        pool.shutdown();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 3))
                .isInstanceOf(backend().brokenException());
    }

    @Test
    @DisplayName(
            "5. all that is pending when the initializer throws fails with it, and what is submitted later is rejected with it")
    void failsAllThatIsPending() {
        Gate gate = newGate();
        PoolExecutor pool = newPool(2, () -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("no licence");
        });
        List<PoolFuture<Integer>> pending = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pending.add(pool.submit(Tasks::square, i));
        }
        gate.open();
        for (PoolFuture<Integer> future : pending) {
            assertThat(future.exception())
                    .isInstanceOf(backend().brokenException())
                    .hasStackTraceContaining("no licence");
        }
        assertThatThrownBy(() -> pool.submit(Tasks::square, 3))
                .isInstanceOf(backend().brokenException())
                .hasStackTraceContaining("no licence");
    }

    @Test
    @DisplayName("5. an initializer has its arguments, captured by a lambda or given with it, before the first task")
    void initializesWithArguments() {
        Trace trace = newTrace();
        List<String> words = List.of("alpha", "beta");
        PoolExecutor capturing = newPool(1, () -> trace.add("captured " + words));
        assertThat(capturing.submit(trace::lines).result()).containsExactly("captured [alpha, beta]");
        Trace second = newTrace();
        PoolExecutor given = ended(backend().newPool(1, (List<String> list) -> Tasks.recordAll(second, list), words));
        assertThat(given.submit(second::lines).result()).containsExactly("alpha", "beta");
    }

    @Test
    @DisplayName("5. an initializer with an argument that throws a checked exception breaks the pool")
    void isBrokenByAnInitializerWithAnArgument() {
        PoolExecutor pool = ended(backend().newPool(1, (String path) -> Tasks.failToRead(path), "missing.bin"));
        assertThatThrownBy(() -> pool.submit(Tasks::square, 3).result())
                .isInstanceOf(backend().brokenException())
                .hasStackTraceContaining("cannot read missing.bin");
    }
}
