package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory this machine, or the cgroup this JVM is in, has. Read from files: the management beans would tell too,
 * but loading them costs a good part of an embedded pool's first result.
 */
public final class MachineMemory {
    private static final Pattern MEMORY_TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB");
    private static final Pattern MEMORY_AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

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

    private static long cgroupLimit() {
        long limit = Math.min(
                number(CGROUPS.resolve("memory.max")), number(CGROUPS.resolve("memory/memory.limit_in_bytes")));
        try {
            List<String> groups = Files.readAllLines(Path.of("/proc/self/cgroup"));
            for (String group : groups) {
                if (group.startsWith("0::/")) {
                    Path at = CGROUPS.resolve(group.substring(4)).normalize();
                    while (at.startsWith(CGROUPS) && !at.equals(CGROUPS)) {
                        limit = Math.min(limit, number(at.resolve("memory.max")));
                        at = at.getParent();
                    }
                }
            }
        } catch (IOException notLinux) {
            return limit;
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
