package io.farpool.session;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this JVM from exiting while futures are pending, so that a program whose {@code main} returns finishes them first, as
 * Python does. A thread that is not a daemon lives while anything is held, and a few milliseconds longer, so that one task
 * after another does not start a thread each.
 *
 * <p>Thread-safe. {@link #hold} and {@link #release} cost an atomic operation each, nearly always.
 */
public final class KeepAlive {
    /** How often the thread looks whether anything is held: no {@link #release} has to wake it. */
    private static final long LOOK_NANOS = 10_000_000;

    /** Looks after which it stops looking and has to be woken: whoever holds so long can afford that. */
    private static final int LOOKS_BEFORE_SLEEP = 100;

    private final String threadName;
    private final AtomicLong held = new AtomicLong();
    /** Written under this object's lock. */
    private volatile @Nullable Thread keeper;

    private volatile @Nullable Thread sleeper;

    /**
     * Starts no thread yet.
     *
     * @param threadName names the thread
     */
    public KeepAlive(String threadName) {
        this.threadName = threadName;
    }

    /** Keeps the JVM alive until as many {@link #release} have followed. */
    public void hold() {
        held.getAndIncrement();
        // Not only by the first: until it has started the thread, the next one to hold is not safe either.
        if (keeper == null) {
            ensureKeeper();
        }
    }

    /** Takes back one {@link #hold}. */
    public void release() {
        if (held.decrementAndGet() == 0) {
            LockSupport.unpark(sleeper);
        }
    }

    private synchronized void ensureKeeper() {
        if (keeper == null) {
            Thread thread = new Thread(this::keep, threadName);
            thread.setDaemon(false);
            thread.start();
            keeper = thread;
        }
    }

    private void keep() {
        int looks = 0;
        while (!leave()) {
            if (looks < LOOKS_BEFORE_SLEEP) {
                looks++;
                LockSupport.parkNanos(this, LOOK_NANOS);
            } else {
                sleeper = Thread.currentThread();
                if (held.get() > 0) {
                    LockSupport.park(this);
                }
                sleeper = null;
            }
            boolean ignored = Thread.interrupted(); // would turn parking into spinning
        }
    }

    private synchronized boolean leave() {
        if (held.get() > 0) {
            return false;
        }
        keeper = null;
        if (held.get() > 0) {
            // By one that may have seen this thread still there.
            keeper = Thread.currentThread();
            return false;
        }
        return true;
    }
}
