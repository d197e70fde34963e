package io.farpool.worker.process;

import io.farpool.proto.v1.LogLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one process writes to stdout and stderr, line by line. Two threads read. When lines are not taken as fast as they come,
 * the threads stop reading, and the process waits with its writing as on any pipe; but not for ever: when nothing has been
 * taken for the patience, or {@linkplain #release() nothing is to be waited for}, the oldest lines are dropped and counted.
 */
final class ProcessOutput {
    /** A longer line is cut here; its rest is the next line. */
    static final int MAX_LINE_BYTES = 8 << 10;

    /** What waits to be taken, in lines and in bytes, is bounded by these. */
    static final int MAX_LINES = 1_000;

    static final int MAX_BYTES = 1 << 20;
    static final int LAST_LINES = 20;

    /** There are two readers for each process. The first of all loads protobuf's classes: on JDK 25, 64 KiB are not enough for that. */
    private static final int STACK_BYTES = 512 << 10;

    private final String host;
    private final long pid;
    private final Charset charset;
    private final Runnable available;
    private final long patienceNanos;
    private final ArrayDeque<LogLine> lines = new ArrayDeque<>();
    private final ArrayDeque<String> lastStderrLines = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    /** Somebody has been told, and has not taken since. */
    private boolean announced;
    /** The patience has ended, and nothing has been taken since. */
    private boolean overdue;

    private boolean released;
    private final AtomicLong bytesRead = new AtomicLong();

    /**
     * @param patience how long the process is kept waiting when nobody takes its lines
     * @param available told when there are lines after there were none; called on a reader's thread
     */
    ProcessOutput(String host, long pid, Charset charset, Duration patience, Runnable available) {
        this.host = host;
        this.pid = pid;
        this.charset = charset;
        this.patienceNanos = patience.toNanos();
        this.available = available;
    }

    /** Starts reading a stream to its end, which completes the future. */
    CompletableFuture<Void> read(InputStream stream, boolean stderr) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Runnable reader = () -> {
            try (stream) {
                readLines(stream, stderr);
            } catch (IOException closed) {
                // The process has been ended; what it had written and not flushed is lost with it.
            } finally {
                end.complete(null);
            }
        };
        Thread thread = new Thread(null, reader, "farpool-output-" + pid, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return end;
    }

    /** Takes all lines there are. */
    synchronized List<LogLine> take() {
        announced = false;
        overdue = false;
        List<LogLine> taken = new ArrayList<>(lines);
        lines.clear();
        bytes = 0;
        notifyAll();
        if (dropped > 0 && !taken.isEmpty()) {
            taken.set(0, taken.get(0).toBuilder().setDroppedBefore(dropped).build());
            dropped = 0;
        }
        return taken;
    }

    /** From both streams so far. */
    long bytesRead() {
        return bytesRead.get();
    }

    /** Whether a reader waits for lines to be taken. */
    synchronized boolean isFull() {
        return lines.size() >= MAX_LINES || bytes >= MAX_BYTES;
    }

    /** From here on nothing waits: what nobody takes is dropped, oldest first. */
    synchronized void release() {
        released = true;
        notifyAll();
    }

    synchronized List<String> lastStderrLines() {
        return List.copyOf(lastStderrLines);
    }

    private void readLines(InputStream stream, boolean stderr) throws IOException {
        byte[] chunk = new byte[MAX_LINE_BYTES];
        byte[] line = new byte[MAX_LINE_BYTES];
        int length = 0;
        int count;
        while ((count = stream.read(chunk)) > 0) {
            bytesRead.addAndGet(count);
            for (int i = 0; i < count; i++) {
                if (chunk[i] == '\n') {
                    add(line, length, stderr);
                    length = 0;
                } else {
                    if (length == line.length) {
                        add(line, length, stderr);
                        length = 0;
                    }
                    line[length++] = chunk[i];
                }
            }
            tell();
        }
        if (length > 0) {
            add(line, length, stderr);
            tell();
        }
    }

    private void add(byte[] line, int length, boolean stderr) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        String text = new String(line, 0, end, charset);
        LogLine built = LogLine.newBuilder()
                .setHost(host)
                .setPid(pid)
                .setStderr(stderr)
                .setText(text)
                .build();
        if (isFull()) {
            tell();
        }
        synchronized (this) {
            awaitRoom();
            while (isFull()) {
                LogLine oldest = lines.removeFirst();
                bytes -= oldest.getSerializedSize();
                dropped++;
            }
            lines.addLast(built);
            bytes += built.getSerializedSize();
            if (stderr) {
                if (lastStderrLines.size() == LAST_LINES) {
                    lastStderrLines.removeFirst();
                }
                lastStderrLines.addLast(text);
            }
        }
    }

    private synchronized void awaitRoom() {
        long deadlineNanos = System.nanoTime() + patienceNanos;
        while (isFull() && !released && !overdue) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                overdue = true;
            } else {
                try {
                    wait(leftMillis);
                } catch (InterruptedException nobodyDoes) {
                    overdue = true;
                }
            }
        }
    }

    private void tell() {
        synchronized (this) {
            if (announced || lines.isEmpty()) {
                return;
            }
            announced = true;
        }
        available.run();
    }
}
