package io.farpool.process;

import io.farpool.wire.FrameException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * What a worker process does when its daemon is gone, or the program that embedded it: it ends at once, whatever a task is doing,
 * and takes along what its tasks have started. A daemon that lives does that itself; one that was killed cannot.
 */
final class DaemonGone {
    private static final int EXIT_CODE = 70;
    private static final long KILL_SECONDS = 2;
    private static final Path STAT = Path.of("/proc/self/stat");
    /** Of what follows the command's name: state, parent, process group. */
    private static final int GROUP_FIELD = 2;

    private DaemonGone() {}

    /**
     * Ends a process that cannot hear its daemon, or tell it anything, any more. Does not return. A daemon that may still be there is
     * left to bury it, and is told why.
     */
    static void end(Throwable cause) {
        if (cause instanceof IOException && !(cause instanceof FrameException)) {
            end();
        }
        try {
            System.err.println("WorkerProcess: cannot go on: " + cause);
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Does not return. Runs no exit hooks: a task may be running, and nobody is left to hear of it. Any thread may call it. */
    static void end() {
        try {
            if (leadsItsGroup()) {
                killGroup();
            }
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (IOException | RuntimeException e) {
            // Then only this process ends.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Only a group of its own is killed: without setsid on a host it is in the daemon's, or in a terminal's. */
    private static boolean leadsItsGroup() throws IOException {
        if (!Files.isReadable(STAT)) {
            return false;
        }
        String stat = Files.readString(STAT);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[GROUP_FIELD]) == ProcessHandle.current().pid();
    }

    /** The group is this process and the shell too: normally nothing after this runs. */
    private static void killGroup() throws IOException, InterruptedException {
        File nowhere = new File("/dev/null");
        boolean ignored = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "kill -s KILL -- -" + ProcessHandle.current().pid())
                .redirectInput(nowhere)
                .redirectOutput(Redirect.to(nowhere))
                .redirectError(Redirect.to(nowhere))
                .start()
                .waitFor(KILL_SECONDS, TimeUnit.SECONDS);
    }
}
