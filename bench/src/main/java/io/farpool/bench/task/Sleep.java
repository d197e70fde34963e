package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Occupies its slot and no CPU. */
public final class Sleep implements Callable<Long>, Serializable {
    private static final long serialVersionUID = 1L;

    private final long nanos;

    /** See the class. */
    public Sleep(long nanos) {
        this.nanos = nanos;
    }

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
