package io.farpool.worker.process;

import io.farpool.proto.v1.LogLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What one process writes to stdout and stderr, line by line. Two threads read, so that a process never waits for a reader;
 * lines that nobody takes in time are dropped, the oldest first, and counted.
 */
final class ProcessOutput {
    /** A longer line is cut here; its rest is the next line. */
    static final int MAX_LINE_BYTES = 8 << 10;

    static final int MAX_LINES = 1_000;
    static final int LAST_LINES = 20;

    private final String host;
    private final long pid;
    private final Charset charset;
    private final Runnable available;
    private final ArrayDeque<LogLine> lines = new ArrayDeque<>();
    private final ArrayDeque<String> lastStderrLines = new ArrayDeque<>();
    private long dropped;
    /** Somebody has been told, and has not taken since. */
    private boolean announced;

    /**
     * @param available told when there are lines after there were none; called on a reader's thread
     */
    ProcessOutput(String host, long pid, Charset charset, Runnable available) {
        this.host = host;
        this.pid = pid;
        this.charset = charset;
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
        Thread thread = new Thread(null, reader, "farpool-output-" + pid, 64 << 10);
        thread.setDaemon(true);
        thread.start();
        return end;
    }

    /** Takes all lines there are. */
    synchronized List<LogLine> take() {
        announced = false;
        List<LogLine> taken = new ArrayList<>(lines);
        lines.clear();
        if (dropped > 0 && !taken.isEmpty()) {
            taken.set(0, taken.get(0).toBuilder().setDroppedBefore(dropped).build());
            dropped = 0;
        }
        return taken;
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
        }
        if (length > 0) {
            add(line, length, stderr);
        }
    }

    private void add(byte[] line, int length, boolean stderr) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        String text = new String(line, 0, end, charset);
        boolean tell;
        synchronized (this) {
            if (lines.size() == MAX_LINES) {
                dropped += 1 + lines.removeFirst().getDroppedBefore();
            }
            lines.addLast(LogLine.newBuilder()
                    .setHost(host)
                    .setPid(pid)
                    .setStderr(stderr)
                    .setText(text)
                    .build());
            if (stderr) {
                if (lastStderrLines.size() == LAST_LINES) {
                    lastStderrLines.removeFirst();
                }
                lastStderrLines.addLast(text);
            }
            tell = !announced;
            announced = true;
        }
        if (tell) {
            available.run();
        }
    }
}
