package io.farpool.bench.task;

import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.Callable;

/**
 * Computes until its thread has had so much CPU time, so that a system that takes the CPU away from its tasks is seen to. Gives the
 * nanoseconds that passed meanwhile.
 */
public final class Spin implements Callable<Long>, Serializable {
    private static final long serialVersionUID = 1L;

    private final long cpuNanos;

    /** See the class. */
    public Spin(long cpuNanos) {
        this.cpuNanos = cpuNanos;
    }

    @Override
    public Long call() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begun = System.nanoTime();
        long until = threads.getCurrentThreadCpuTime() + cpuNanos;
        double value = 1;
        while (threads.getCurrentThreadCpuTime() < until) {
            for (int i = 0; i < 200; i++) {
                value = value * 1.000_000_1 + 1e-9;
            }
        }
        if (Double.isNaN(value)) {
            throw new AssertionError("never; keeps the loop");
        }
        return System.nanoTime() - begun;
    }
}
