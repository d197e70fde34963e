package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.temporary.TemporaryDirectory;
import io.farpool.wire.ProcessNotes;
import io.farpool.wire.RandomBytes;
import io.farpool.worker.hosting.ProcessExit;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A process from the order to launch it until it is buried. Thread-safe. */
final class LaunchedProcess {
    /**
     * Without a byte for so long, what still holds its pipes open is a stranger that it has spawned, or nobody takes its lines. Its
     * group has been killed by then, so this is hardly ever waited for.
     */
    private static final int SILENCE_MILLIS = 2_000;

    /** And so long its last lines may come. */
    private static final int OUTPUT_MILLIS = 5_000;

    private static final int LOOK_MILLIS = 250;

    /** By SIGKILL, which is what the kernel sends for want of memory. */
    private static final int KILLED = 128 + 9;

    private static final int TOKEN_BYTES = 16;

    final long number;
    /** Empty while no session has it. */
    volatile String sessionId;

    final String token;
    private @Nullable Path directory;
    private @Nullable ProcessNotes notes;
    private @Nullable Process process;
    private @Nullable ProcessOutput output;
    private CompletableFuture<Void> outputEnd = CompletableFuture.completedFuture(null);
    private boolean killed;

    LaunchedProcess(long number, String sessionId) {
        this.number = number;
        this.sessionId = sessionId;
        this.token = HexFormat.of().formatHex(RandomBytes.take(TOKEN_BYTES));
    }

    /** How it writes text: as its session's JVM options say, else as our own ask for. */
    static Charset outputCharset(ProcessSpec spec) {
        for (String option : spec.getJvmOptionsList()) {
            if (option.startsWith("-Dstdout.encoding=") || option.startsWith("-Dsun.stdout.encoding=")) {
                String name = option.substring(option.indexOf('=') + 1);
                if (Charset.isSupported(name)) {
                    return Charset.forName(name);
                }
            }
        }
        return StandardCharsets.UTF_8;
    }

    synchronized void prepare(Path own) throws IOException {
        if (killed) {
            throw new IOException("it was not wanted any more");
        }
        directory = own;
        notes = ProcessNotes.create(notesFile());
    }

    synchronized void started(Process started, ProcessOutput capturing) {
        process = started;
        output = capturing;
        outputEnd = CompletableFuture.allOf(
                capturing.read(started.getInputStream(), false), capturing.read(started.getErrorStream(), true));
        if (killed) {
            destroy(started);
        }
    }

    Path directory() {
        return Objects.requireNonNull(directoryIfAny());
    }

    Path notesFile() {
        return directory().resolve("notes");
    }

    synchronized @Nullable ProcessOutput output() {
        return output;
    }

    /** The ordinal it has started last; 0: none. */
    synchronized long marker() {
        return notes == null ? 0 : notes.startedLast();
    }

    /**
     * The outcomes that it had not sent when it ended; only after it has.
     *
     * @throws IOException as {@link ProcessNotes#unsent} does
     */
    FromProcess unsent() throws IOException {
        return ProcessNotes.unsent(notesFile());
    }

    synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /** The rest of its group is killed once it has exited. */
    synchronized void kill() {
        killed = true;
        if (process != null) {
            destroy(process);
        }
    }

    /** By its handle: {@link Process#destroyForcibly} would close its pipes too, and what is in them is still to be read. */
    private static void destroy(Process process) {
        boolean ignored = process.toHandle().destroyForcibly(); // false when it has exited
    }

    void awaitExit(int seconds) {
        Process own;
        synchronized (this) {
            own = process;
        }
        if (own != null) {
            try {
                own.waitFor(seconds, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits, after its end, until all that it wrote has been read; not for what strangers go on writing to its pipes. */
    void awaitOutput() {
        CompletableFuture<Void> end;
        ProcessOutput reading;
        synchronized (this) {
            end = outputEnd;
            reading = output;
        }
        if (reading == null) {
            return;
        }
        long beganNanos = System.nanoTime();
        long progressNanos = beganNanos;
        long read = reading.bytesRead();
        while (!awaitEnd(end)) {
            long nowNanos = System.nanoTime();
            if (reading.bytesRead() != read) {
                read = reading.bytesRead();
                progressNanos = nowNanos;
            }
            long idleMillis = TimeUnit.NANOSECONDS.toMillis(nowNanos - progressNanos);
            if (idleMillis >= SILENCE_MILLIS || TimeUnit.NANOSECONDS.toMillis(nowNanos - beganNanos) >= OUTPUT_MILLIS) {
                boolean blocked = reading.isFull();
                reading.release();
                if (blocked) {
                    boolean ignored = awaitEnd(end); // with dropping, the newest lines are there in no time
                }
                return;
            }
        }
    }

    /** Nobody takes its lines any more, so nothing is to wait for that. */
    void releaseOutput() {
        ProcessOutput reading = output();
        if (reading != null) {
            reading.release();
        }
    }

    private static boolean awaitEnd(CompletableFuture<Void> end) {
        try {
            end.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException later) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Whether it was killed for want of memory; to be asked once, as soon as it has ended: somebody may yet try to kill it. */
    boolean wasOutOfMemory(OutOfMemoryKills kills) {
        synchronized (this) {
            if (killed || Objects.requireNonNull(process).exitValue() != KILLED) {
                return false;
            }
        }
        return kills.claim();
    }

    /** How it ended; only after it has. */
    synchronized ProcessExit exit(boolean outOfMemory) {
        List<String> lines = output == null ? List.of() : output.lastStderrLines();
        return new ProcessExit(Objects.requireNonNull(process).exitValue(), lines, outOfMemory);
    }

    void removeDirectory() {
        Path own = directoryIfAny();
        if (own != null) {
            TemporaryDirectory.remove(own);
        }
    }

    private synchronized @Nullable Path directoryIfAny() {
        return directory;
    }
}
