package io.farpool;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of what an executor and its user do with one future: start and settle it, cancel it in
 * both ways, add callbacks. What each is told must fit an order in which they ran one after another.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class PoolFutureLincheckTest {
    private static final class Task extends PoolFuture<Integer> {
        private final AtomicInteger withdrawals = new AtomicInteger();
        private volatile boolean ran;
        private volatile @Nullable Thread quietly;

        boolean run(int value) {
            if (!markRunning()) {
                return false;
            }
            ran = true;
            return settleResult(value);
        }

        boolean runQuietly(int value) {
            if (!markRunning()) {
                return false;
            }
            ran = true;
            quietly = Thread.currentThread();
            boolean settled = settleQuietly(value, null);
            quietly = null;
            if (!settled) {
                boolean ignored = settleResult(value);
            }
            return !isCancelled();
        }

        @Override
        protected void onWithdrawn(boolean mayInterruptIfRunning) {
            withdrawals.incrementAndGet();
        }
    }

    private final Task task = new Task();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicInteger called = new AtomicInteger();
    private volatile boolean calledQuietly;
    private volatile boolean forced;

    @Operation
    public boolean run() {
        return task.run(1);
    }

    @Operation
    public boolean runQuietly() {
        return task.runQuietly(2);
    }

    @Operation
    public boolean cancel() {
        return task.cancel();
    }

    @Operation
    public boolean cancelEvenIfRunning() {
        forced = true;
        return task.cancel(true);
    }

    @Operation
    public void addCallback() {
        added.incrementAndGet();
        task.addDoneCallback(done -> {
            called.incrementAndGet();
            calledQuietly |= task.quietly == Thread.currentThread();
        });
    }

    @Validate
    public void everyCallbackIsCalledOnceWhenDone() {
        int expected = task.done() ? added.get() : 0;
        if (called.get() != expected) {
            throw new IllegalStateException(called + " callbacks called, expected " + expected + " of " + task);
        }
        if (calledQuietly) {
            throw new IllegalStateException("a callback ran in a thread that was to run no user code");
        }
        if (task.ran && task.isCancelled() && !forced) {
            throw new IllegalStateException("cancelled though it ran: " + task);
        }
        // One that loses to a cancel while it settles has nothing left to withdraw.
        int most = task.isCancelled() ? 1 : 0;
        int least = task.ran ? 0 : most;
        int withdrawals = task.withdrawals.get();
        if (withdrawals < least || withdrawals > most) {
            throw new IllegalStateException(
                    withdrawals + " withdrawals, expected " + least + " to " + most + " of " + task);
        }
    }

    @Test
    void settlingCancellingAndCallbacksAreAtomic() {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(1)
                .actorsAfter(1)
                .iterations(30)
                .invocationsPerIteration(500)
                .check(PoolFutureLincheckTest.class);
    }

    @Test
    void whatHasStartedIsNotCancelledUnlessForced() {
        Interleavings.explore(300, () -> {
            Task one = new Task();
            boolean[] told = new boolean[2];
            Interleavings.together(() -> told[0] = one.run(1), () -> told[1] = one.cancel());
            require(one.ran != told[1] && one.ran == told[0], one);
        });
    }

    @Test
    void aCallbackAddedWhileItSettlesQuietlyRunsWhereItIsAdded() {
        Interleavings.explore(100, () -> {
            Task one = new Task();
            List<Boolean> calls = new ArrayList<>();
            Interleavings.together(
                    () -> one.runQuietly(1),
                    () -> one.addDoneCallback(done -> calls.add(one.quietly == Thread.currentThread())));
            require(calls.equals(List.of(false)), calls);
        });
    }
}
