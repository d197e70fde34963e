package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** In a real memory cgroup, of version 1 or 2; which takes root, and a mount that may be written to. */
@DisplayName("A worker whose cgroup bounds its memory")
class OutOfMemoryIT {
    private static final long LIMIT = 600L << 20;

    @Test
    void sizesItsProcessesByTheBoundAndTellsTheKernelsKillFromAnyOther() throws Exception {
        Path group = makeGroup();
        if (group == null) {
            System.err.println("SKIPPED OutOfMemoryIT: no memory cgroup can be made here (it takes root and a writable "
                    + "/sys/fs/cgroup); how a worker tells a kill for want of memory is NOT tested");
            Assumptions.abort("no memory cgroup can be made here");
        }
        try {
            Process program = new ProcessBuilder(
                            "/bin/sh",
                            "-c",
                            "echo $$ > " + group.resolve("cgroup.procs")
                                    + " && exec \"$0\" -Xmx64m -XX:+UseSerialGC -cp \"$1\" "
                                    + MemoryProgram.class.getName(),
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            System.getProperty("java.class.path"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).contains("eat signal=9 out_of_memory=true ", "killed by the kernel", "no memory left");
            assertThat(said).contains("kill signal=9 out_of_memory=false ", "killed by signal 9 (SIGKILL)");
            long heap = Long.parseLong(said.lines()
                    .filter(line -> line.startsWith("heap "))
                    .findFirst()
                    .orElseThrow()
                    .substring(5));
            assertThat(heap).as("0.7 of the limit for two processes").isBetween((long) (LIMIT * 0.3), (long)
                    (LIMIT * 0.35));
        } finally {
            removeGroup(group);
        }
    }

    private static @Nullable Path makeGroup() {
        String name = "farpool-test-" + ProcessHandle.current().pid();
        for (Path root : new Path[] {Path.of("/sys/fs/cgroup/memory"), Path.of("/sys/fs/cgroup")}) {
            Path group = root.resolve(name);
            for (String limit : new String[] {"memory.limit_in_bytes", "memory.max"}) {
                try {
                    if (Files.isWritable(root.resolve("cgroup.procs"))) {
                        Files.createDirectories(group);
                        if (Files.isWritable(group.resolve(limit))) {
                            Files.writeString(group.resolve(limit), Long.toString(LIMIT));
                            withoutSwap(group);
                            return group;
                        }
                        Files.delete(group);
                    }
                } catch (IOException notPermitted) {
                    // The next kind, then.
                }
            }
        }
        return null;
    }

    private static void withoutSwap(Path group) throws IOException {
        if (Files.isWritable(group.resolve("memory.swap.max"))) {
            Files.writeString(group.resolve("memory.swap.max"), "0");
        } else if (Files.isWritable(group.resolve("memory.memsw.limit_in_bytes"))) {
            Files.writeString(group.resolve("memory.memsw.limit_in_bytes"), Long.toString(LIMIT));
        }
    }

    /** Takes a moment after its last process has ended. */
    private static void removeGroup(Path group) throws InterruptedException, IOException {
        for (int i = 0; ; i++) {
            try {
                Files.delete(group);
                return;
            } catch (IOException busy) {
                if (i == 100) {
                    throw busy;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }
}
