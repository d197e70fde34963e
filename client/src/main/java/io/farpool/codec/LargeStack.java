package io.farpool.codec;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs what nests too deeply for an ordinary stack on a thread with a large one. The stack is address space; memory is taken only as
 * deep as the graph goes, and given back when the thread ends. Thread-safe.
 */
final class LargeStack {
    static final long STACK_BYTES = 512L << 20;

    private static final int THREADS = 2;
    private static final long WAIT_SECONDS = 120;

    private final Semaphore threads = new Semaphore(THREADS);
    private final long stackBytes;

    LargeStack(long stackBytes) {
        this.stackBytes = stackBytes;
    }

    /**
     * Runs the work and waits for it, interrupted or not: an interrupt is kept for the caller.
     *
     * @throws IllegalStateException if both threads stay busy for minutes, or none can be had
     */
    <T> T run(Supplier<T> work) {
        acquire();
        try {
            Outcome<T> outcome = new Outcome<>();
            Thread thread = new Thread(
                    null,
                    () -> {
                        try {
                            outcome.value = work.get();
                        } catch (Throwable e) {
                            outcome.failure = e;
                        }
                    },
                    "farpool-codec-deep",
                    stackBytes);
            thread.setDaemon(true);
            thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
            start(thread);
            join(thread);
            return outcome.get();
        } finally {
            threads.release();
        }
    }

    private void start(Thread thread) {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            throw new IllegalStateException("no thread with a stack of " + stackBytes + " bytes could be had", e);
        }
    }

    private void acquire() {
        boolean interrupted = false;
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        try {
            while (true) {
                try {
                    if (!threads.tryAcquire(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        throw new IllegalStateException("other deeply nested values kept the " + THREADS
                                + " threads for them busy for " + WAIT_SECONDS + " s");
                    }
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the work came to. Written by the thread, read after it has ended. */
    private static final class Outcome<T> {
        private @Nullable T value;
        private @Nullable Throwable failure;

        @SuppressWarnings("NullAway")
        T get() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return value;
        }
    }
}
