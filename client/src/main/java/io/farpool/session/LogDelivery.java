package io.farpool.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the lines that worker processes wrote to whoever wants them, in order, on a thread of its own: a consumer that
 * blocks delays lines only, and past a bound the oldest of them are dropped. Thread-safe.
 */
public final class LogDelivery {
    private static final Logger log = LoggerFactory.getLogger(LogDelivery.class);

    /** Lines that wait for the consumer; past it the oldest are dropped, and their number is told. */
    static final int MAX_WAITING_LINES = 100_000;

    private final Consumer<io.farpool.LogLine> consumer;
    private final Deque<io.farpool.LogLine> waiting = new ArrayDeque<>();
    private long dropped;
    private boolean running;

    /**
     * Starts no thread yet.
     *
     * @param consumer called by one thread at a time; what it throws is logged
     */
    public LogDelivery(Consumer<io.farpool.LogLine> consumer) {
        this.consumer = consumer;
    }

    void deliver(List<io.farpool.proto.v1.LogLine> lines) {
        synchronized (waiting) {
            for (io.farpool.proto.v1.LogLine line : lines) {
                add(line);
            }
            if (!running && !waiting.isEmpty()) {
                running = true;
                Thread thread = new Thread(this::drain, "farpool-log");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void add(io.farpool.proto.v1.LogLine line) {
        dropped += line.getDroppedBefore();
        if (waiting.size() >= MAX_WAITING_LINES) {
            waiting.removeFirst();
            dropped++;
        }
        if (dropped > 0) {
            waiting.add(new io.farpool.LogLine(line.getHost(), line.getPid(), true, "(" + dropped + " lines dropped)"));
            dropped = 0;
        }
        waiting.add(new io.farpool.LogLine(line.getHost(), line.getPid(), line.getStderr(), line.getText()));
    }

    private void drain() {
        while (true) {
            io.farpool.LogLine next;
            synchronized (waiting) {
                next = waiting.poll();
                if (next == null) {
                    running = false;
                    waiting.notifyAll();
                    return;
                }
            }
            try {
                consumer.accept(next);
            } catch (Throwable e) { // an Error too: without this thread no line would be delivered any more
                log.warn("onLog threw for a line of {}:{}", next.host(), next.pid(), e);
            }
        }
    }

    /** Waits until everything so far has been taken, or so long. */
    void awaitDrained(long timeoutMillis) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        synchronized (waiting) {
            while (running) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (leftMillis <= 0) {
                    return;
                }
                waiting.wait(leftMillis);
            }
        }
    }
}
