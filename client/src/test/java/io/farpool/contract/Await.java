package io.farpool.contract;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or process is about to do. */
public final class Await {
    /** Nothing that is going to happen takes longer, on a machine however busy. */
    public static final Duration LONG = Duration.ofSeconds(60);

    private Await() {}

    public static void until(String what, BooleanSupplier condition) {
        until(what, LONG, condition);
    }

    /** With a patience of its own, for what takes many processes that start at the same time, say. */
    public static void until(String what, Duration patience, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError("has not come true within " + patience + ": " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Waits until nothing refers to it any more. */
    public static void collected(java.lang.ref.WeakReference<?> reference) {
        until("garbage is collected", () -> {
            System.gc();
            return reference.get() == null;
        });
    }
}
