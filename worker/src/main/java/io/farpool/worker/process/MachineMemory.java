package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory this machine, or the cgroup this JVM is in, has. Read from files: the management beans would tell too,
 * but loading them costs a good part of an embedded pool's first result.
 */
public final class MachineMemory {
    private static final Pattern MEMORY_TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB");
    private static final Pattern MEMORY_AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");

    private MachineMemory() {}

    /** In bytes; 0 when it cannot be told. */
    public static long totalBytes() {
        long machine = meminfo(MEMORY_TOTAL);
        long limit = cgroupLimit();
        return machine == 0 ? 0 : Math.min(machine, limit);
    }

    /** Of the machine, in bytes; 0 when it cannot be told. */
    public static long availableBytes() {
        return meminfo(MEMORY_AVAILABLE);
    }

    private static long meminfo(Pattern line) {
        try {
            Matcher found = line.matcher(Files.readString(Path.of("/proc/meminfo")));
            return found.find() ? Long.parseLong(found.group(1)) * 1_024 : 0;
        } catch (IOException notLinux) {
            return 0;
        }
    }

    /** What a process of this machine keeps in memory, in bytes; 0 when it cannot be told. */
    static long residentBytes(long pid) {
        try {
            Matcher found = RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
            return found.find() ? Long.parseLong(found.group(1)) * 1_024 : 0;
        } catch (IOException gone) {
            return 0;
        }
    }

    /** The least of this JVM's group and those around it. */
    private static long cgroupLimit() {
        long limit = Long.MAX_VALUE;
        for (Path group : MemoryGroups.here()) {
            limit = Math.min(
                    limit,
                    Math.min(number(group.resolve("memory.max")), number(group.resolve("memory.limit_in_bytes"))));
        }
        return limit;
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException absentOrUnlimited) {
            return Long.MAX_VALUE;
        }
    }
}
