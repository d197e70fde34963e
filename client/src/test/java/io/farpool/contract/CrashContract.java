package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessContext;
import io.farpool.TaskOptions;
import io.farpool.WorkerLostException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract line 12: what kills a worker process, or nearly, costs the one future. */
abstract class CrashContract extends Contract {
    private static final int OTHERS = 1000;

    @Override
    protected abstract ProcessBackend backend();

    /** Ways for a task to end its process, or to try to. */
    enum Crash {
        EXIT {
            @Override
            void run() {
                System.exit(7);
            }

            @Override
            void check(Throwable thrown) {
                assertThat(lost(thrown).exitCode()).hasValue(7);
            }
        },
        EXIT_WITH_ZERO {
            @Override
            void run() {
                System.exit(0);
            }

            @Override
            void check(Throwable thrown) {
                assertThat(lost(thrown).exitCode()).hasValue(0);
            }
        },
        HALT {
            @Override
            void run() {
                Runtime.getRuntime().halt(9);
            }

            @Override
            void check(Throwable thrown) {
                assertThat(lost(thrown).exitCode()).hasValue(9);
            }
        },
        KILL {
            @Override
            void run() throws Exception {
                signalSelf("-KILL");
            }

            @Override
            void check(Throwable thrown) {
                assertThat(lost(thrown).signal()).hasValue(9);
                assertThat(lost(thrown).exitCode()).isEmpty();
            }
        },
        SEGMENTATION_FAULT {
            @Override
            void run() throws Exception {
                signalSelf("-SEGV");
            }

            @Override
            void check(Throwable thrown) {
                assertEndOfACrash(lost(thrown));
            }
        },
        NATIVE_CRASH {
            @Override
            void run() throws Exception {
                Class<?> unsafe = Class.forName("sun.misc.Unsafe");
                Field instance = unsafe.getDeclaredField("theUnsafe");
                instance.setAccessible(true);
                unsafe.getMethod("putLong", long.class, long.class).invoke(instance.get(null), 8L, 1L);
            }

            @Override
            void check(Throwable thrown) {
                assertEndOfACrash(lost(thrown));
            }
        },
        STACK_OVERFLOW {
            @Override
            void run() {
                throw new AssertionError(deeper(0));
            }

            private long deeper(long depth) {
                return depth < 0 ? depth : 1 + deeper(depth + 1);
            }

            @Override
            void check(Throwable thrown) {
                assertThat(thrown).isInstanceOf(StackOverflowError.class);
            }
        },
        HEAP_EXHAUSTION {
            @Override
            void run() {
                List<long[]> hoard = new ArrayList<>();
                while (hoard.size() < Integer.MAX_VALUE) {
                    hoard.add(new long[1 << 17]);
                }
            }

            @Override
            void check(Throwable thrown) {
                assertThat(thrown).isInstanceOf(OutOfMemoryError.class);
            }
        };

        private static final Set<Integer> ABORT_OR_SEGMENTATION_FAULT = Set.of(6, 11);

        abstract void run() throws Exception;

        abstract void check(Throwable thrown);

        private static WorkerLostException lost(Throwable thrown) {
            assertThat(thrown).isInstanceOf(WorkerLostException.class);
            WorkerLostException lost = (WorkerLostException) thrown;
            assertThat(lost.pid()).isPositive();
            assertThat(lost.host()).isNotEmpty();
            assertThat(lost.attempts()).isEqualTo(1);
            return lost;
        }

        /** Exit code 1, when it may not dump core; but its report of the crash may itself crash, which a signal ends. */
        private static void assertEndOfACrash(WorkerLostException lost) {
            assertThat(lost.exitCode().orElse(0) == 1
                            || ABORT_OR_SEGMENTATION_FAULT.contains(
                                    lost.signal().orElse(0)))
                    .as("the JVM's own end: " + lost)
                    .isTrue();
        }

        private static void signalSelf(String signal) throws Exception {
            int ignored = new ProcessBuilder(
                            "kill", signal, "" + ProcessHandle.current().pid())
                    .start()
                    .waitFor();
            TimeUnit.MINUTES.sleep(1);
        }
    }

    @ParameterizedTest(name = "12. {0} fails that future alone while 1,000 other tasks complete untouched")
    @EnumSource
    void costsOneFuture(Crash crash) {
        PoolExecutor pool = ended(backend()
                .builder(2)
                .processContext(ProcessContext.defaults().jvmOptions("-Xmx64m", "-XX:-CreateCoredumpOnCrash"))
                .build());
        List<PoolFuture<Integer>> others = new ArrayList<>();
        for (int i = 0; i < OTHERS / 2; i++) {
            others.add(pool.submit(Tasks::square, i));
        }
        PoolFuture<?> crashing = pool.submit(() -> {
            crash.run();
            return "survived";
        });
        for (int i = OTHERS / 2; i < OTHERS; i++) {
            others.add(pool.submit(Tasks::square, i));
        }
        assertThat(others.stream().map(PoolFuture::result))
                .containsExactlyElementsOf(
                        IntStream.range(0, OTHERS).mapToObj(Tasks::square).toList());
        crash.check(crashing.exception());
        assertThat(pool.submit(Tasks::square, 12).result()).isEqualTo(144);
    }

    @Test
    @DisplayName("12. what had ended before it is not lost, though it may start once only")
    void costsNothingThatHadEnded() {
        PoolExecutor pool = newPool(1);
        PoolExecutor once = pool.with(TaskOptions.defaults().attempts(1));
        List<PoolFuture<Integer>> others = new ArrayList<>();
        List<PoolFuture<?>> crashing = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            others.add(once.submit(Tasks::square, i));
            if (i % (OTHERS / 4) == OTHERS / 8) {
                crashing.add(once.submit(() -> Runtime.getRuntime().halt(9)));
            }
        }
        assertThat(others.stream().map(PoolFuture::result))
                .containsExactlyElementsOf(
                        IntStream.range(0, OTHERS).mapToObj(Tasks::square).toList());
        assertThat(crashing).hasSize(4).allSatisfy(future -> assertThat(future.exception())
                .isInstanceOf(WorkerLostException.class));
    }

    @Test
    @DisplayName("12. kill -9 of the child while both workers are busy fails the task it ran, and nothing else")
    void survivesAKilledChild() {
        PoolExecutor pool = newPool(2);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> first = pool.submit(() -> {
            trace.add("" + Tasks.pid());
            return gate.await();
        });
        PoolFuture<Boolean> second = pool.submit(gate::await);
        // A task is known to run before its first line has done anything.
        Await.until(
                "both run, and the first has said where",
                () -> first.running() && second.running() && !trace.lines().isEmpty());
        List<PoolFuture<Integer>> others = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            others.add(pool.submit(Tasks::square, i));
        }
        long pid = Long.parseLong(trace.lines().get(0));
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        assertThat(first.exception()).isInstanceOf(WorkerLostException.class);
        assertThat(((WorkerLostException) first.exception()).signal()).hasValue(9);
        assertThat(((WorkerLostException) first.exception()).pid()).isEqualTo(pid);
        assertThat(second.done()).isFalse();
        gate.open();
        assertThat(second.result()).isTrue();
        assertThat(others.stream().map(PoolFuture::result))
                .containsExactlyElementsOf(
                        IntStream.range(0, OTHERS).mapToObj(Tasks::square).toList());
    }

    @Test
    @DisplayName("12. a task that interrupts the other threads of its process costs nothing")
    void costsNothingToInterruptOthers() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        PoolFuture<Long> interrupting = pool.submit(() -> {
            gate.awaitDoing(CrashContract::interruptOthers);
            return Tasks.pid();
        });
        // It is known to run once it has run for so long that another thread listens to the daemon.
        Await.until("it runs", interrupting::running);
        gate.open();
        assertThat(pool.submit(Tasks::pid).result()).isEqualTo(interrupting.result());
    }

    private static void interruptOthers() {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread != Thread.currentThread())
                .forEach(Thread::interrupt);
    }

    @Test
    @DisplayName("12. a task that has attempts left is started again, in another process")
    void startsAgainWithinItsAttempts() {
        PoolExecutor pool = newPool(1);
        Trace trace = newTrace();
        PoolFuture<String> future = pool.with(TaskOptions.defaults().attempts(2))
                .submit(() -> {
                    trace.add("" + Tasks.pid());
                    if (trace.lines().size() == 1) {
                        Runtime.getRuntime().halt(9);
                    }
                    return "second attempt";
                });
        assertThat(future.result()).isEqualTo("second attempt");
        assertThat(trace.lines()).hasSize(2).doesNotHaveDuplicates();
    }
}
