package io.farpool.session;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes files for those who must not wait for the disk: a transport's threads, the session's core, and whoever cancels. One after
 * the other, on a thread that is taken when there is something to do.
 *
 * <p>Thread-safe. As long as what is to be removed, which the files that are there bound.
 */
final class Removals implements Executor {
    private static final Logger log = LoggerFactory.getLogger(Removals.class);

    private final Executor threads;
    /** Held by whoever removes; never waited for by those who must not wait. */
    private final Object turn = new Object();

    // Guarded by this.
    private final ArrayDeque<Runnable> ahead = new ArrayDeque<>();
    private boolean called;

    Removals(Executor threads) {
        this.threads = threads;
    }

    /** Has this done soon. Does not block. */
    @Override
    public void execute(Runnable removal) {
        synchronized (this) {
            ahead.add(removal);
            if (called) {
                return;
            }
            called = true;
        }
        threads.execute(this::finish);
    }

    /** Does what is still to be done, here; when this returns, all is that was asked for before. */
    void finish() {
        synchronized (turn) {
            for (Runnable removal = next(); removal != null; removal = next()) {
                try {
                    removal.run();
                } catch (RuntimeException | Error bug) {
                    log.warn("event=removal-failed", bug);
                }
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = ahead.poll();
        called = next != null;
        return next;
    }
}
