package io.farpool.contract;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.PoolInfo;
import io.farpool.RemoteRunnable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the parts of the contract have in common: pools that are ended and gates that are opened when a test is over. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class Contract {
    private static final Gate OPEN = new Gate(System.getProperty("java.home"));

    private final List<PoolExecutor> pools = new ArrayList<>();
    private final Map<Integer, PoolExecutor> sharedPools = new TreeMap<>();
    private final List<Gate> gates = new ArrayList<>();

    @TempDir
    Path directory;

    private int files;

    protected abstract Backend backend();

    protected final PoolExecutor newPool(int workers) {
        return newPool(workers, null);
    }

    protected final PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer) {
        return ended(backend().newPool(workers, initializer));
    }

    /** A pool that the other tests of this part use too: a test may do with it whatever ends neither it nor its test's tasks. */
    protected final PoolExecutor sharedPool(int workers) {
        return sharedPools.computeIfAbsent(workers, size -> backend().newPool(size, null));
    }

    /** Submits a task that waits at the gate, and waits until it is known to run. */
    protected static PoolFuture<Boolean> started(PoolExecutor pool, Gate gate) {
        PoolFuture<Boolean> future = pool.submit(gate::await);
        Await.until("it runs", future::running);
        return future;
    }

    /** Has the pool ended when the test is over. */
    protected final <P extends PoolExecutor> P ended(P pool) {
        pools.add(pool);
        return pool;
    }

    protected final Gate newGate() {
        Gate gate = new Gate(directory.resolve("gate-" + ++files).toString());
        gates.add(gate);
        return gate;
    }

    /** One that stops nobody. */
    protected static Gate openGate() {
        return OPEN;
    }

    protected final Trace newTrace() {
        return new Trace(directory.resolve("trace-" + ++files).toString());
    }

    /**
     * Waits until so many tasks are with the pool that have not ended: what was submitted has reached it, or what was withdrawn
     * has reached the host it was on. Before that such a task may still start.
     */
    protected static void awaitTasks(PoolExecutor pool, int tasks) {
        Await.until(tasks + " tasks have not ended", () -> {
            PoolInfo info = pool.info();
            return info.queued() + info.running() == tasks;
        });
    }

    @AfterEach
    final void endPools() throws InterruptedException {
        Thread.interrupted(); // some tests set it
        gates.forEach(Gate::open);
        gates.clear();
        end(pools);
        pools.clear();
        for (PoolExecutor pool : sharedPools.values()) {
            awaitTasks(pool, 0);
        }
    }

    @AfterAll
    final void endSharedPools() throws InterruptedException {
        end(sharedPools.values());
        sharedPools.clear();
    }

    private static void end(Collection<PoolExecutor> pools) throws InterruptedException {
        for (PoolExecutor pool : pools) {
            pool.shutdownNow();
        }
        for (PoolExecutor pool : pools) {
            if (!pool.awaitTermination(Await.LONG.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the pool does not end: " + pool);
            }
        }
    }
}
