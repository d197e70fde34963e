package io.farpool.worker.socket;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loop with a thread of its own. Thread-safe. */
public final class SelectorLoop implements SocketLoop, AutoCloseable {
    private static final int CLOSE_SECONDS = 5;
    private static final Logger log = LoggerFactory.getLogger(SelectorLoop.class);

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> errands = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private SelectorLoop(String name) throws IOException {
        selector = Selector.open();
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /**
     * Makes one whose thread runs.
     *
     * @param name the thread's
     * @throws IOException when the system has nothing left to wait with
     */
    public static SelectorLoop start(String name) throws IOException {
        SelectorLoop loop = new SelectorLoop(name);
        try {
            loop.thread.start();
        } catch (Throwable noThread) {
            closeQuietly(loop.selector);
            throw noThread;
        }
        return loop;
    }

    @Override
    public Registration register(SelectableChannel channel, int operations, Ready ready) throws IOException {
        SelectionKey key;
        try {
            key = channel.register(selector, operations, ready);
        } catch (ClosedSelectorException over) {
            throw new IOException("the loop is closed", over);
        }
        wake();
        return new Registration() {
            @Override
            public void await(int wanted) {
                try {
                    key.interestOps(wanted);
                    wake();
                } catch (CancelledKeyException closedMeanwhile) {
                    // Nothing to wait for.
                }
            }

            @Override
            public void cancel() {
                key.cancel();
            }
        };
    }

    @Override
    public boolean execute(Runnable errand) {
        if (!selector.isOpen()) {
            return false;
        }
        errands.add(errand);
        wake();
        return selector.isOpen() || !errands.remove(errand); // it may have ended meanwhile
    }

    /** Ends the thread, and waits for that, a few seconds at most; not to be called on it. Sockets that are still registered are closed; errands that have not begun are run as the last. */
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            if (thread.isAlive()) {
                log.warn("event=socket-loop-lingers thread={} after_seconds={}", thread.getName(), CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** On its own thread it looks at what has changed before it waits. */
    private void wake() {
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (IOException broken) {
            log.error("event=socket-loop-broken thread={} reason=\"{}\"", thread.getName(), broken.toString(), broken);
        } finally {
            selector.keys().forEach(key -> closeQuietly(key.channel()));
            closeQuietly(selector);
            // Whoever has been told that it will run waits for it.
            for (Runnable left = errands.poll(); left != null; left = errands.poll()) {
                guarded(left);
            }
        }
    }

    private void turn() throws IOException {
        if (errands.isEmpty()) {
            selector.select();
        } else {
            selector.selectNow();
        }
        Iterator<SelectionKey> selected = selector.selectedKeys().iterator();
        while (selected.hasNext()) {
            SelectionKey key = selected.next();
            selected.remove();
            guarded(() -> serve(key));
        }
        int due = errands.size();
        for (int i = 0; i < due; i++) {
            guarded(errands.remove());
        }
    }

    private static void serve(SelectionKey key) {
        int operations;
        try {
            operations = key.readyOps();
        } catch (CancelledKeyException closedMeanwhile) {
            return;
        }
        ((Ready) key.attachment()).ready(operations);
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error bug) {
            log.error("event=bug thread={}", thread.getName(), bug);
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception alreadyBroken) {
            log.debug("event=close-failed reason=\"{}\"", alreadyBroken.toString());
        }
    }
}
