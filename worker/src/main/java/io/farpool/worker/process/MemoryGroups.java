package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cgroups, of version 1 or 2, that bound the memory of this JVM, and of the processes that it starts. */
final class MemoryGroups {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private MemoryGroups() {}

    /**
     * Directories, innermost first; none where there are no cgroups. In a container the outermost may be the container's own,
     * whatever the path in /proc says, so the roots are always among them.
     */
    static List<Path> here() {
        try {
            return of(Files.readAllLines(Path.of("/proc/self/cgroup")), CGROUPS);
        } catch (IOException notLinux) {
            return List.of();
        }
    }

    /**
     * As {@link #here}.
     *
     * @param lines of /proc/self/cgroup
     * @param root where the cgroups are mounted
     */
    static List<Path> of(List<String> lines, Path root) {
        List<Path> groups = new ArrayList<>();
        for (String line : lines) {
            // hierarchy:controllers:path, the hierarchy 0 and no controllers for version 2
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[0].equals("0")) {
                addWithParents(groups, root, parts[2]);
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                addWithParents(groups, root.resolve("memory"), parts[2]);
            }
        }
        return groups;
    }

    private static void addWithParents(List<Path> groups, Path root, String path) {
        Path at = root.resolve(path.substring(1)).normalize();
        if (!at.startsWith(root)) {
            at = root; // "/../…": the group is outside what this container sees of them
        }
        while (at != null && at.startsWith(root)) {
            if (Files.isDirectory(at)) {
                groups.add(at);
            }
            at = at.getParent();
        }
    }
}
