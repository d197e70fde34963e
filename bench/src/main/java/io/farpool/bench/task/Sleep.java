package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Occupies its slot and no CPU. */
public record Sleep(long nanos) implements Callable<Long>, Serializable {
    @Override
    public Long call() {
        long until = System.nanoTime() + nanos;
        long left = nanos;
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = until - System.nanoTime();
        }
        return nanos;
    }
}
