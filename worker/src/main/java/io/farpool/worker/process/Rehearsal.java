package io.farpool.worker.process;

import io.farpool.temporary.TemporaryDirectory;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that goes through what a worker process does before and at its first tasks, and leaves the archive of the classes it
 * has loaded. It is no worker process: no daemon waits for it, nobody reads what it prints, and it ends by itself.
 *
 * <p>For one thread; another may {@link #kill} it.
 */
final class Rehearsal {
    /** What the main class is told instead of a socket, notes and a token. */
    static final String ARGUMENT = "rehearse";

    /** It takes a second; on a machine that is busy with others, a low priority makes that many. It ends itself before. */
    private static final int DEADLINE_SECONDS = 150;

    private static final Path SHELL = Path.of("/bin/sh");

    /**
     * The archive gets its name only after the JVM has succeeded, whether or not somebody still waits for that. A session has
     * a scheduling group of its own, in which niceness counts only among its own processes: so the group is made nice too.
     */
    private static final String SCRIPT =
            """
            echo 10 >/proc/self/autogroup
            nice='nice -n 10'
            command -v nice || nice=
            part=$1
            stage=$2
            shift 2
            $nice "$@" && test -s "$part" && mv -f "$part" "${part%.part}.made"
            done=$?
            rm -rf "$part" "$stage"
            exit $done
            """;

    /** Of the 107 bytes that a socket's path may have. */
    private static final int LONGEST_DIRECTORY = 70;

    private final ArchiveKey key;
    private final long heapBytes;
    private final ArchiveFiles files;
    private @Nullable Path part;
    private @Nullable Path stage;
    private @Nullable Process process;
    private boolean killed;

    Rehearsal(ArchiveKey key, long heapBytes, ArchiveFiles files) {
        this.key = key;
        this.heapBytes = heapBytes;
        this.files = files;
    }

    /** Whether this machine has what it takes. */
    static boolean isPossible() {
        return ProcessGroups.areSupported() && Files.isExecutable(SHELL);
    }

    ArchiveKey key() {
        return key;
    }

    /** Begins, unless somebody else is at it, or it has been killed. */
    synchronized boolean start() throws IOException {
        if (killed || files.isBeingMade(key.name())) {
            return false;
        }
        part = files.begin(key.name());
        try {
            stage = TemporaryDirectory.createUnlocked(placeForStage(), TemporaryDirectory.Kind.REHEARSAL);
            process = process(part, stage).start();
        } catch (IOException failed) {
            removeTraces();
            throw failed;
        }
        return true;
    }

    private static Path placeForStage() {
        String temporary = System.getProperty("java.io.tmpdir");
        return Path.of(temporary.length() > LONGEST_DIRECTORY ? "/tmp" : temporary)
                .toAbsolutePath();
    }

    private ProcessBuilder process(Path leaves, Path uses) throws IOException {
        List<String> command = new ArrayList<>(ProcessGroups.prefix());
        command.addAll(
                List.of(SHELL.toString(), "-c", SCRIPT, "farpool-rehearsal", leaves.toString(), uses.toString()));
        command.add(key.java().java().toString());
        // As for a process, since an archive suits only some collectors, pointers and modules.
        command.addAll(CommandLine.options(key.java().feature(), heapBytes, uses, List.of(), null));
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:ArchiveClassesAtExit=" + leaves);
        command.add("-cp");
        command.add(CommandLine.classPath(key.entries()));
        command.add(key.mainClass());
        command.add(ARGUMENT);
        command.add(uses.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(uses.toFile())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        ProcessLauncher.scrub(builder.environment());
        return builder;
    }

    /**
     * Waits for its end; kills it at the deadline.
     *
     * @return null if it has gone well, else why not
     */
    @Nullable
    String await() throws InterruptedException {
        Process own = started();
        if (own == null) {
            return "it was not started";
        }
        if (!own.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            kill();
            return "it took longer than " + DEADLINE_SECONDS + " s";
        }
        return own.exitValue() == 0 ? null : "exit code " + own.exitValue();
    }

    private synchronized @Nullable Process started() {
        return process;
    }

    /** Ends it, and has it leave nothing; or keeps it from being started. */
    synchronized void kill() {
        killed = true;
        if (process != null) {
            ProcessGroups.kill(List.of(process.pid()));
            boolean ignored = process.toHandle().destroyForcibly();
            removeTraces();
        }
    }

    private void removeTraces() {
        if (stage != null) {
            TemporaryDirectory.remove(stage);
        }
        if (part != null) {
            boolean ignored = part.toFile().delete();
        }
    }
}
