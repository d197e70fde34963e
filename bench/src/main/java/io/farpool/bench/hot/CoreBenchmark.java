package io.farpool.bench.hot;

import io.farpool.bench.scale.CoreLoop;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The coordinator's core per task (its submission, its assignment, its outcome, its completion), in a steady state. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CoreBenchmark {
    private static final int SLOTS = 16;
    /** The same for all, as what a task costs depends on how many objects the garbage collector finds alive. */
    private static final int HELD = 1_000_000;

    private static final int TASKS = 64;

    /** Hosts of 16 slots. */
    @Param({"10", "1000", "10000"})
    public int hosts;

    private CoreLoop core = new CoreLoop(1, 1, 1);

    /** Fills it. */
    @Setup
    public void fill() {
        core = new CoreLoop(hosts, SLOTS, HELD);
    }

    /** 64 tasks that come and go together. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public long task() {
        return core.turn(TASKS);
    }
}
