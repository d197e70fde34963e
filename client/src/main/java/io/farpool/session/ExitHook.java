package io.farpool.session;

import java.util.concurrent.RejectedExecutionException;

/**
 * What is done for an open session when this JVM exits, by {@code System.exit}, after its last thread or on SIGINT, SIGTERM or SIGHUP:
 * so that worker processes end then, and not with a lease. Removed when the session has ended, so that nothing of a closed
 * executor is kept.
 *
 * <p>All hooks of a JVM run at once, in no order. For an embedded pool the daemon's own hook (in {@code WorkerProcesses})
 * kills processes and removes directories meanwhile. No hook runs on SIGKILL and {@code Runtime.halt}: then an embedded pool's
 * processes end because their sockets close, those on a cluster when the session's lease has run out.
 */
final class ExitHook {
    private final Thread thread;
    private boolean added;
    private boolean over;

    /** @param atExit takes a bounded time */
    ExitHook(Runnable atExit) {
        this.thread = new Thread(atExit, "farpool-exit-hook");
    }

    /**
     * Has it done at exit. Once is enough, and after the {@link #end} there is nothing to do.
     *
     * @return whether that is new
     * @throws RejectedExecutionException when this JVM is about to exit
     */
    synchronized boolean add() {
        if (added || over) {
            return false;
        }
        try {
            Runtime.getRuntime().addShutdownHook(thread);
        } catch (IllegalStateException exiting) {
            throw new RejectedExecutionException("the JVM exits, so no session is opened", exiting);
        }
        added = true;
        return true;
    }

    synchronized void remove() {
        if (!added) {
            return;
        }
        added = false;
        try {
            boolean ignored = Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException exiting) {
            // It is running, or has run.
        }
    }

    /** The session has ended. */
    synchronized void end() {
        over = true;
        remove();
    }
}
