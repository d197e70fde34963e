package io.farpool.worker.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Process groups: a worker process leads one of its own, so that a terminal's Ctrl-C does not reach it, and what its tasks
 * have started can be ended with it.
 */
final class ProcessGroups {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final int PATIENCE_SECONDS = 5;
    /** Far below what a command line may hold. */
    private static final int MOST_PER_COMMAND = 1_000;

    private ProcessGroups() {}

    /** Whether processes can be started in groups of their own here. */
    static boolean areSupported() {
        return Files.isExecutable(SETSID);
    }

    /** What goes before a command so that it leads a group whose id is its own pid. */
    static List<String> prefix() {
        return areSupported() ? List.of(SETSID.toString()) : List.of();
    }

    /** Kills all that is left of these groups. Says nothing of those that are empty already. */
    static void kill(Collection<Long> pids) {
        if (!areSupported() || pids.isEmpty()) {
            return;
        }
        List<Long> all = List.copyOf(pids);
        for (int from = 0; from < all.size(); from += MOST_PER_COMMAND) {
            killSome(all.subList(from, Math.min(all.size(), from + MOST_PER_COMMAND)));
        }
    }

    private static void killSome(List<Long> pids) {
        // The shell's own: a bare image has no kill program. One call a group, since the shell stops at the first empty
        // one.
        StringBuilder script = new StringBuilder();
        for (long pid : pids) {
            script.append("kill -s KILL -- -").append(pid).append(';');
        }
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", script.append(':').toString()));
        try {
            Process shell = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (IOException noShell) {
            // The leaders are killed by their handles all the same.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
