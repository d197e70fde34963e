package io.farpool.session;

import io.farpool.proto.v1.LogLine;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the lines that worker processes wrote to whoever wants them, in order, on a thread of its own: a consumer that
 * blocks delays lines only, and past a bound the oldest of them are dropped, and a line in their place says how many.
 * Thread-safe.
 */
public final class LogDelivery {
    private static final Logger log = LoggerFactory.getLogger(LogDelivery.class);

    /** Lines that wait for the consumer. */
    static final int MAX_WAITING_LINES = 100_000;

    /** And their size. */
    static final long MAX_WAITING_BYTES = 64 << 20;

    private final Consumer<io.farpool.LogLine> consumer;
    private final ArrayDeque<LogLine> waiting = new ArrayDeque<>();
    private long waitingBytes;
    /** Dropped here, just before the first that waits. */
    private long dropped;

    private boolean running;
    /** Lines the consumer has been given and has returned from. */
    private long consumed;

    /**
     * Starts no thread yet.
     *
     * @param consumer called by one thread at a time; what it throws is logged
     */
    public LogDelivery(Consumer<io.farpool.LogLine> consumer) {
        this.consumer = consumer;
    }

    void deliver(List<LogLine> lines) {
        synchronized (waiting) {
            for (LogLine line : lines) {
                waiting.add(line);
                waitingBytes += line.getSerializedSize();
            }
            while (waiting.size() > MAX_WAITING_LINES || waitingBytes > MAX_WAITING_BYTES) {
                LogLine oldest = waiting.removeFirst();
                waitingBytes -= oldest.getSerializedSize();
                dropped += 1 + oldest.getDroppedBefore();
            }
            if (!running && !waiting.isEmpty()) {
                running = true;
                Thread thread = new Thread(this::drain, "farpool-log");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void drain() {
        while (true) {
            LogLine next;
            long droppedBefore;
            synchronized (waiting) {
                next = waiting.poll();
                if (next == null) {
                    running = false;
                    waiting.notifyAll();
                    return;
                }
                waitingBytes -= next.getSerializedSize();
                droppedBefore = dropped + next.getDroppedBefore();
                dropped = 0;
            }
            if (droppedBefore > 0) {
                hand(new io.farpool.LogLine(
                        next.getHost(), next.getPid(), true, "(" + droppedBefore + " lines dropped)"));
            }
            hand(new io.farpool.LogLine(next.getHost(), next.getPid(), next.getStderr(), next.getText()));
            synchronized (waiting) {
                consumed++;
            }
        }
    }

    private void hand(io.farpool.LogLine line) {
        try {
            consumer.accept(line);
        } catch (Throwable e) { // an Error too: without this thread no line would be delivered any more
            log.warn("onLog threw for a line of {}:{}", line.host(), line.pid(), e);
        }
    }

    /**
     * Waits until everything so far has been taken: for so long at most, and only while the consumer takes one line after
     * the other.
     *
     * @param stuckMillis a consumer that has not returned for so long is waited for no longer
     */
    void awaitDrained(long timeoutMillis, long stuckMillis) throws InterruptedException {
        long nowNanos = System.nanoTime();
        long deadlineNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        long stuckNanos = TimeUnit.MILLISECONDS.toNanos(stuckMillis);
        synchronized (waiting) {
            long seen = consumed;
            long seenNanos = nowNanos;
            while (running) {
                waiting.wait(Math.max(1, stuckMillis / 8));
                nowNanos = System.nanoTime();
                if (consumed != seen) {
                    seen = consumed;
                    seenNanos = nowNanos;
                }
                if (running && (nowNanos - seenNanos >= stuckNanos || nowNanos - deadlineNanos >= 0)) {
                    log.warn("lines_waiting={} onLog does not keep up: the session ends without it", waiting.size());
                    return;
                }
            }
        }
    }
}
