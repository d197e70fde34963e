package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells a process that the kernel has killed for want of memory from one that somebody else has: by the counter of such
 * kills of the cgroup that the processes share with this JVM, or of the machine's where there is none. Each kill counted
 * explains one exit, and none that came long after it: it was of something that a task had started. Thread-safe.
 */
final class OutOfMemoryKills {
    private static final Pattern COUNTER = Pattern.compile("(?m)^oom_kill (\\d+)$");
    private static final Path OF_MACHINE = Path.of("/proc/vmstat");
    /** From the kill, which counts, to the exit, which is seen once its memory has been given back. */
    private static final long LONGEST_DEATH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path counter;
    private final LongSupplier nanoTime;
    /** What has been explained, or is too old to explain anything. */
    private long explained;

    private long seen;
    private long seenNanos;

    OutOfMemoryKills(Path counter, LongSupplier nanoTime) {
        this.counter = counter;
        this.nanoTime = nanoTime;
        this.seen = count();
        this.explained = seen;
        this.seenNanos = nanoTime.getAsLong();
    }

    /** For processes started by this JVM. */
    static OutOfMemoryKills here() {
        return new OutOfMemoryKills(counterOf(MemoryGroups.here()), System::nanoTime);
    }

    /** The innermost group's: version 2 counts a kill in all groups around it too, version 1 only there. */
    static Path counterOf(List<Path> groups) {
        for (Path group : groups) {
            for (String name : List.of("memory.events", "memory.oom_control")) {
                Path file = group.resolve(name);
                if (Files.isReadable(file)) {
                    return file;
                }
            }
        }
        return OF_MACHINE;
    }

    /** Looks, so that what is counted now explains nothing that happens much later. */
    synchronized void look() {
        long now = nanoTime.getAsLong();
        if (now - seenNanos >= LONGEST_DEATH_NANOS) {
            explained = Math.max(explained, seen);
            seen = count();
            seenNanos = now;
        }
    }

    /** Whether a process that has just exited by SIGKILL was killed for want of memory. */
    synchronized boolean claim() {
        if (count() <= explained) {
            return false;
        }
        explained++;
        return true;
    }

    private long count() {
        try {
            Matcher found = COUNTER.matcher(Files.readString(counter));
            return found.find() ? Long.parseLong(found.group(1)) : 0;
        } catch (IOException notThere) {
            return 0;
        }
    }
}
