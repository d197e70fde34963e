package io.farpool.session;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes futures in threads of its own, where dependents and callbacks of the user's may run and may block.
 *
 * <p>One thread, the leader, runs the completions in the order they were dispatched. While more are waiting behind it, a
 * second thread watches: when the leader has been in one completion for {@link #WATCH_NANOS}, the watcher takes the lead and
 * the old leader leaves when it comes back. So a completion that blocks delays the others by a few milliseconds, once, and
 * while nothing blocks there is one thread and no hand-over. Threads are daemons, start when needed and end when idle.
 *
 * <p>Thread-safe. Completions blocked at one time are bounded by {@link #MAX_THREADS}; past it the others wait for one of
 * them to return. The queue is as long as what is dispatched, which the number of pending futures bounds.
 */
public final class CompletionDispatcher implements AutoCloseable {
    /** How long a completion may take before another thread takes over the rest. */
    static final long WATCH_NANOS = 2_000_000;

    /** Looks at an empty queue after which a watcher stops watching. */
    private static final int QUIET_LOOKS = 3;

    /** How long a thread without work stays. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Threads at one time. */
    static final int MAX_THREADS = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(CompletionDispatcher.class);

    private final String threadNamePrefix;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition called = lock.newCondition();
    private final Condition nextLook = lock.newCondition();

    // All guarded by the lock.
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private @Nullable Thread leader;
    /** Counts completions begun, for the watcher to see whether the leader gets on. */
    private long begun;

    private boolean watched;
    private int threads;
    private int threadsStarted;
    private int idle;
    /** Idle threads that have been called and have not woken yet. */
    private int calls;
    /** Threads called or started that have not looked for work yet. */
    private int coming;

    private boolean closed;

    /**
     * Starts no thread yet.
     *
     * @param threadNamePrefix what the threads' names begin with
     */
    public CompletionDispatcher(String threadNamePrefix) {
        this.threadNamePrefix = threadNamePrefix;
    }

    /**
     * Has these run, after all that were dispatched before have at least begun. Returns at once, and may be called from a
     * completion. What one throws is logged.
     *
     * @param completions in this order
     */
    public void dispatch(List<? extends Runnable> completions) {
        lock.lock();
        try {
            queue.addAll(completions);
            callIfNeeded();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has this run, after all that were dispatched before have at least begun.
     *
     * @param completion what to run
     */
    public void dispatch(Runnable completion) {
        lock.lock();
        try {
            queue.add(completion);
            callIfNeeded();
        } finally {
            lock.unlock();
        }
    }

    /** Has the threads end when the queue is empty. What is dispatched later still runs. Does not wait. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            calls += idle;
            coming += idle;
            idle = 0;
            called.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Calls a thread when work waits that nobody leads or watches. */
    private void callIfNeeded() {
        if (queue.isEmpty() || coming > 0 || (leader != null && watched)) {
            return;
        }
        if (idle > 0) {
            idle--;
            calls++;
            coming++;
            called.signal();
        } else if (threads < MAX_THREADS) {
            Thread thread = new Thread(this::work, threadNamePrefix + "-" + ++threadsStarted);
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) {
                LOG.error("no thread for completions, those there are go on threads={}", threads, e);
                return;
            }
            threads++;
            coming++;
        }
    }

    private void work() {
        lock.lock();
        try {
            do {
                coming--;
                while (!queue.isEmpty() && (leader == null || !watched)) {
                    if (leader == null) {
                        lead();
                    } else {
                        watch();
                    }
                }
            } while (awaitCall());
        } finally {
            threads--;
            lock.unlock();
        }
    }

    private boolean awaitCall() {
        if (closed) {
            return false;
        }
        idle++;
        long left = IDLE_NANOS;
        while (calls == 0) {
            if (left <= 0) {
                idle--;
                return false;
            }
            try {
                left = called.awaitNanos(left);
            } catch (InterruptedException e) {
                LOG.debug("interrupted while idle, which a callback may have left behind");
            }
        }
        calls--;
        return true;
    }

    private void lead() {
        Thread me = Thread.currentThread();
        leader = me;
        Runnable completion;
        while (leader == me && (completion = queue.poll()) != null) {
            begun++;
            callIfNeeded();
            lock.unlock();
            try {
                completion.run();
            } catch (Throwable t) {
                LOG.error("completion threw", t);
            } finally {
                boolean ignored = Thread.interrupted(); // what a callback leaves behind is not the next one's
                lock.lock();
            }
        }
        if (leader == me) {
            leader = null;
        }
    }

    /** Returns with no leader when the one there was is stuck, or when there has been nothing to watch for a while. */
    private void watch() {
        watched = true;
        int quietLooks = 0;
        while (quietLooks < QUIET_LOOKS) {
            long seen = begun;
            try {
                long ignored = nextLook.awaitNanos(WATCH_NANOS);
            } catch (InterruptedException e) {
                LOG.debug("interrupted while watching, which a callback may have left behind");
            }
            if (queue.isEmpty()) {
                quietLooks++;
            } else if (leader == null) {
                break;
            } else if (begun == seen) {
                leader = null;
                break;
            } else {
                quietLooks = 0;
            }
        }
        watched = false;
    }
}
