package io.farpool.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process with all that came of it, as Linux tells of them under {@code /proc}. */
public final class ProcessTree {
    /** The kernel's clock tick as user space is told it, on every Linux that runs Java. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Path PROC = Path.of("/proc");
    /** In {@code stat}, counted from behind the name: user and system time, its own and that of children that have ended. */
    private static final int FIRST_TIME = 11;

    private static final int TIMES = 4;

    private final ProcessHandle root;

    /** Of that process. */
    public ProcessTree(ProcessHandle root) {
        this.root = root;
    }

    /** The processes that are alive now. */
    public List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(root), root.descendants()).toList();
    }

    /** CPU seconds that all of them have had, those included that have ended and been waited for; to a hundredth a process. */
    public double cpuSeconds() {
        double ticks = 0;
        for (ProcessHandle process : processes()) {
            ticks += ticks(process.pid());
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static double ticks(long pid) {
        String stat;
        try {
            stat = Files.readString(PROC.resolve(pid + "/stat"));
        } catch (IOException ended) {
            return 0;
        }
        return ticks(stat);
    }

    static double ticks(String stat) {
        // The name may hold anything, brackets and spaces too; the last bracket ends it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double ticks = 0;
        for (int i = FIRST_TIME; i < FIRST_TIME + TIMES; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks;
    }

    /** Bytes in memory of all of them, what several share counted once. */
    public long residentBytes() {
        long bytes = 0;
        for (ProcessHandle process : processes()) {
            bytes += proportionalBytes(process.pid());
        }
        return bytes;
    }

    private static long proportionalBytes(long pid) {
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .sum();
        } catch (IOException | RuntimeException ended) {
            return 0;
        }
    }

    /** Bytes of live objects in the heaps of all that are JVMs, after a full collection in each. */
    public long liveHeapBytes() throws IOException, InterruptedException {
        long bytes = 0;
        for (ProcessHandle process : processes()) {
            String command = process.info().command().orElse("");
            if (command.endsWith("/java")) {
                long live = HeapHistogram.liveBytes(process.pid());
                if (live == 0 && process.isAlive()) {
                    throw new IOException("the JVM with pid " + process.pid() + " does not tell its live objects");
                }
                bytes += live;
            }
        }
        return bytes;
    }

    /** Ends all of them at once, the descendants too. */
    public void kill() {
        List<ProcessHandle> doomed = processes();
        doomed.forEach(ProcessHandle::destroyForcibly);
    }
}
