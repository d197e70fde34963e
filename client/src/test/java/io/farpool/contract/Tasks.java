package io.farpool.contract;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;

/** What the tests have run. Nothing here depends on memory shared with the test. */
public final class Tasks {
    private Tasks() {}

    public static int pow(int base, int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= base;
        }
        return power;
    }

    public static int square(int number) {
        return number * number;
    }

    /** Tells workers apart: processes by their ids, threads by theirs. */
    public static String worker(boolean processes) {
        return processes
                ? "process " + ProcessHandle.current().pid()
                : "thread " + Thread.currentThread().getName();
    }

    public static long pid() {
        return ProcessHandle.current().pid();
    }

    public static int length(byte[] bytes) {
        return bytes.length;
    }

    /** Leaves the process's id and never ends; the most a task can do to stay. */
    public static void ignoreInterrupts(Trace trace) {
        trace.add("" + pid());
        while (true) {
            try {
                Thread.sleep(1_000);
            } catch (InterruptedException e) {
                // Ignored: that is what this is for.
            }
        }
    }

    /** Leaves the process's id and never ends, without ever looking for an interrupt. */
    public static void spin(Trace trace) {
        trace.add("" + pid());
        long spins = 0;
        while (spins >= 0) {
            spins = spins == Long.MAX_VALUE ? 0 : spins + 1;
        }
    }

    /** Leaves the process's id, and is stuck in the system call that opens a pipe which nobody writes to. */
    public static void openForReading(Trace trace, String pipe) {
        trace.add("" + pid());
        try (InputStream in = new FileInputStream(pipe)) {
            throw new IllegalStateException("somebody writes to " + pipe + ": " + in.read());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a process that does nothing for a long time, and leaves its id. */
    public static void startSleep(Trace trace) {
        try {
            trace.add("" + new ProcessBuilder("sleep", "1000").start().pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the processes whose ids are in the trace have ended; one that nobody has reaped yet counts as ended. */
    public static void awaitEnd(Trace pids) {
        for (String pid : pids.lines()) {
            Await.until("process " + pid + " has ended", () -> ProcessHandle.of(Long.parseLong(pid))
                    .flatMap(process -> process.info().command())
                    .isEmpty());
        }
    }

    /** Leaves a line for each. */
    public static int recordAll(Trace trace, Iterable<String> lines) {
        int count = 0;
        for (String line : lines) {
            trace.add(line);
            count++;
        }
        return count;
    }

    public static int failToRead(String path) throws IOException {
        throw new IOException("cannot read " + path);
    }

    public static int inverse(int number) {
        return 100 / number;
    }

    public static int timeoutOnTwo(int number) throws TimeoutException {
        if (number == 2) {
            throw new TimeoutException("the task's own");
        }
        return number;
    }

    /** Passes the gate and leaves a line. */
    public static int traced(Gate gate, Trace trace, int number) throws InterruptedException {
        trace.add("started " + number);
        gate.await();
        return number;
    }

    /** Fails until the trace has so many lines. */
    public static String succeedsAtLine(Trace trace, int line) throws FlakyException {
        trace.add("attempt " + io.farpool.TaskContext.current().attempt());
        int lines = trace.lines().size();
        if (lines < line) {
            throw new FlakyException(lines);
        }
        return "after " + lines;
    }

    /** A checked exception with a field. */
    public static final class FlakyException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        public FlakyException(int code) {
            super("flaky " + code);
            this.code = code;
        }

        public int code() {
            return code;
        }
    }
}
