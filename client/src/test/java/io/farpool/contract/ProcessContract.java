package io.farpool.contract;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.BrokenProcessPoolException;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.Shared;
import io.farpool.TaskInfo;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract lines 1 to 5, 11, 31 and 36, as far as they are about processes. */
abstract class ProcessContract extends Contract {
    @Override
    protected abstract ProcessBackend backend();

    @Test
    @DisplayName("1. as many workers by default as this machine has processors, on a cluster as many as it has slots")
    void hasAWorkerForEveryProcessor() {
        int expected = backend().coordinator() == null ? Runtime.getRuntime().availableProcessors() : TestCluster.SLOTS;
        PoolExecutor pool = ended(backend().builder().build());
        Gate gate = newGate();
        List<PoolFuture<Boolean>> futures = new ArrayList<>();
        for (int i = 0; i < 3 * expected; i++) {
            futures.add(pool.submit(gate::await));
        }
        Await.until("there is a process for each", () -> pool.info().processes() == expected);
        gate.open();
        assertThat(futures).allMatch(PoolFuture::result);
        assertThat(pool.info().processes()).isEqualTo(expected);
    }

    /** All processes that have been started from here, directly or by the cluster's daemon. */
    private static Set<Long> processesOfThisMachine() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(toSet());
    }

    @Test
    @DisplayName("3. before the first submit the machine sees no new process; then it sees the worker")
    void startsNoProcessBeforeTheFirstSubmit() {
        Set<Long> before = processesOfThisMachine();
        PoolExecutor pool = ended(backend().builder(2).build());
        long watchedUntilNanos = System.nanoTime() + Duration.ofMillis(300).toNanos();
        Set<Long> started = new HashSet<>();
        Await.until("it has been watched for a while", () -> {
            started.addAll(processesOfThisMachine());
            return System.nanoTime() - watchedUntilNanos >= 0;
        });
        started.removeAll(before);
        assertThat(started).isEmpty();
        long pid = pool.submit(Tasks::pid).result();
        assertThat(before).doesNotContain(pid);
        assertThat(processesOfThisMachine()).contains(pid);
    }

    /** Knows the thread that has decoded it. */
    private static final class Result implements Serializable {
        private static final long serialVersionUID = 1L;
        private transient Thread decoder;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            decoder = Thread.currentThread();
        }
    }

    @Test
    @DisplayName(
            "a result that a thread waits for is decoded there, unless a callback is added: nothing runs there then")
    void decodesWhereItIsWaitedFor() throws Exception {
        PoolExecutor pool = newPool(1);
        for (boolean called : new boolean[] {false, true}) {
            Gate gate = newGate();
            PoolFuture<Result> future = pool.submit(() -> {
                gate.await();
                return new Result();
            });
            CompletableFuture<Thread> caller = new CompletableFuture<>();
            if (called) {
                future.addDoneCallback(done -> caller.complete(Thread.currentThread()));
            }
            Blocked<Result> waiting = Blocked.in(future::result);
            gate.open();
            Thread decoder = waiting.value().decoder;
            if (called) {
                assertThat(decoder).isSameAs(caller.get(30, TimeUnit.SECONDS)).isNotSameAs(waiting.thread());
            } else {
                assertThat(decoder).isSameAs(waiting.thread());
            }
        }
    }

    @Test
    @DisplayName("31. after shutdown with wait=false, pending work runs, and then the processes exit")
    void endsItsProcessesAfterPendingWork() {
        PoolExecutor pool = newPool(2);
        Gate gate = newGate();
        Trace pids = newTrace();
        List<PoolFuture<Boolean>> futures = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            futures.add(pool.submit(() -> {
                pids.add("" + Tasks.pid());
                return gate.await();
            }));
        }
        Await.until("two run", () -> pids.lines().size() == 2);
        pool.shutdown(false, false);
        gate.open();
        assertThat(futures).allMatch(PoolFuture::result);
        Tasks.awaitEnd(pids);
    }

    @Test
    @DisplayName("11. the stack trace of what a task throws shows the host and the process")
    void showsWhereItWasThrown() {
        PoolExecutor pool = newPool(1);
        PoolFuture<Integer> unchecked = pool.submit(Tasks::inverse, 0);
        PoolFuture<Integer> checked = pool.submit(Tasks::failToRead, "missing.bin");
        for (PoolFuture<Integer> future : List.of(unchecked, checked)) {
            Throwable thrown = future.exception();
            TaskInfo.Attempt attempt = future.info().attempts().get(0);
            assertThat(thrown)
                    .hasStackTraceContaining("io.farpool.contract.Tasks")
                    .hasStackTraceContaining("worker process " + attempt.pid() + " on " + attempt.host());
        }
        assertThat(unchecked.exception()).isExactlyInstanceOf(ArithmeticException.class);
        assertThat(checked.exception()).isExactlyInstanceOf(java.io.IOException.class);
    }

    /** Counts, in each process, how often it is encoded and decoded there. */
    static final class Counted implements Serializable {
        private static final long serialVersionUID = 1L;
        static final AtomicInteger ENCODED = new AtomicInteger();
        static final AtomicInteger DECODED = new AtomicInteger();

        private Object writeReplace() {
            ENCODED.incrementAndGet();
            return this;
        }

        private Object readResolve() {
            DECODED.incrementAndGet();
            return this;
        }
    }

    @Test
    @DisplayName("a shared value is serialized once, and decoded once in each process")
    void sharesOnce() {
        PoolExecutor pool = newPool(1);
        Counted.ENCODED.set(0);
        try (Shared<Counted> shared = pool.share(new Counted())) {
            for (int i = 0; i < 10; i++) {
                PoolFuture<Integer> decoded = pool.submit(() -> shared.get() == null ? -1 : Counted.DECODED.get());
                assertThat(decoded.result()).isEqualTo(1);
            }
        }
        assertThat(Counted.ENCODED).hasValue(1);
    }

    @Test
    @DisplayName("2. a maxTasksPerProcess of 0 or less is refused, naming the value and the bound")
    void refusesNoTasksPerProcess() {
        for (int tasks : new int[] {0, -1}) {
            assertThatThrownBy(() -> ProcessPoolExecutor.builder().maxTasksPerProcess(tasks))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("maxTasksPerProcess is " + tasks)
                    .hasMessageContaining("at least 1");
        }
    }

    @Test
    @DisplayName("4. with maxTasksPerProcess=3 three tasks share a process and the fourth has another")
    void replacesAProcessAfterItsTasks() {
        PoolExecutor pool = ended(backend().builder(1).maxTasksPerProcess(3).build());
        List<Long> pids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            pids.add(pool.submit(Tasks::pid).result());
        }
        assertThat(new HashSet<>(pids.subList(0, 3))).hasSize(1);
        assertThat(pids.get(3)).isNotEqualTo(pids.get(0));
    }

    @Test
    @DisplayName("4. 5. a backlog drains through replacements, each of which is initialized")
    void drainsThroughReplacements() {
        Trace initialized = newTrace();
        PoolExecutor pool = ended(backend()
                .builder(2)
                .maxTasksPerProcess(3)
                .initializer(() -> initialized.add("" + Tasks.pid()))
                .build());
        List<PoolFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 18; i++) {
            futures.add(pool.submit(Tasks::pid));
        }
        List<String> pids = futures.stream().map(future -> "" + future.result()).toList();
        assertThat(pids.stream().collect(groupingBy(identity(), counting())).values())
                .allMatch(tasks -> tasks <= 3);
        assertThat(initialized.lines()).doesNotHaveDuplicates().containsAll(new HashSet<>(pids));
    }

    @Test
    @DisplayName("5. a process that dies before it is ready breaks nothing: another is started")
    void survivesAProcessThatDiesBeforeItIsReady() {
        Trace starts = newTrace();
        PoolExecutor pool = ended(backend()
                .builder(1)
                .initializer(() -> {
                    starts.add("" + Tasks.pid());
                    if (starts.lines().size() == 1) {
                        Runtime.getRuntime().halt(3);
                    }
                })
                .build());
        assertThat(pool.submit(Tasks::square, 12).result()).isEqualTo(144);
        assertThat(starts.lines()).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("36. a static pool in the task's own class starts nothing in a worker process")
    void startsNothingInAWorkerProcess() {
        PoolExecutor pool = newPool(1);
        assertThat(pool.submit(HasAPool::triple, 5).result()).isEqualTo(15);
        assertThat(pool.submit(HasAPool::children).result()).isZero();
    }

    @Test
    @DisplayName("36. submitting to it from a task fails with a message, and the pool goes on")
    void refusesToCascade() {
        PoolExecutor pool = newPool(1);
        PoolFuture<Integer> future = pool.submit(HasAPool::submitInside, 5);
        assertThat(future.exception())
                .isInstanceOf(BrokenProcessPoolException.class)
                .hasMessageContaining("made inside a worker process");
        assertThat(pool.submit(HasAPool::triple, 6).result()).isEqualTo(18);
    }

    /** As a program that is one class might be written. */
    static final class HasAPool {
        private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(2);

        private HasAPool() {}

        static int triple(int number) {
            return 3 * number;
        }

        static long children() {
            return POOL.isShutdown() ? -1 : ProcessHandle.current().children().count();
        }

        static int submitInside(int number) {
            return POOL.submit(HasAPool::triple, number).result();
        }
    }

    @Test
    @DisplayName("3. no more worker processes than maxWorkers are ever there")
    void hasNoMoreProcessesThanWorkers() {
        PoolExecutor pool = newPool(2);
        List<PoolFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            futures.add(pool.submit(Tasks::pid));
        }
        Set<Long> pids = new HashSet<>();
        futures.forEach(future -> pids.add(future.result()));
        assertThat(pids).hasSizeBetween(1, 2);
    }
}
