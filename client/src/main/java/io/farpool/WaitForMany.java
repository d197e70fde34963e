package io.farpool;

import io.farpool.Futures.ReturnWhen;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One thread's wait for some of many futures. An observer in each of them; it costs them nothing else. */
final class WaitForMany implements CompletionObserver {
    private final ReturnWhen returnWhen;
    private final CountDownLatch enough = new CountDownLatch(1);
    /** Futures not seen done; starts one too high, so that it cannot reach 0 while observers are being added. */
    private final AtomicInteger left;

    private WaitForMany(ReturnWhen returnWhen, int futures) {
        this.returnWhen = returnWhen;
        this.left = new AtomicInteger(futures + 1);
    }

    static void await(List<? extends PoolFuture<?>> futures, @Nullable Long timeoutNanos, ReturnWhen returnWhen)
            throws InterruptedException {
        WaitForMany waiting = new WaitForMany(returnWhen, futures.size());
        try {
            for (PoolFuture<?> future : futures) {
                if (!future.addObserver(waiting)) {
                    waiting.futureDone(future);
                }
            }
            waiting.count();
            if (waiting.enough.getCount() == 0) {
                return; // with nothing to wait for, the interrupt status is not looked at
            }
            if (timeoutNanos == null) {
                waiting.enough.await();
            } else {
                boolean ignored = waiting.enough.await(timeoutNanos, TimeUnit.NANOSECONDS);
            }
        } finally {
            for (PoolFuture<?> future : futures) {
                if (!future.isDone()) {
                    future.removeObserver(waiting);
                }
            }
        }
    }

    @Override
    public void futureDone(PoolFuture<?> future) {
        boolean decisive =
                switch (returnWhen) {
                    case FIRST_COMPLETED -> true;
                    case FIRST_EXCEPTION -> future.isCompletedExceptionally() && !future.isCancelled();
                    case ALL_COMPLETED -> false;
                };
        if (decisive) {
            enough.countDown();
        }
        count();
    }

    private void count() {
        if (left.decrementAndGet() == 0) {
            enough.countDown();
        }
    }
}
