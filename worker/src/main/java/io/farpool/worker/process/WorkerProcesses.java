package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.ToProcess;
import io.farpool.worker.hosting.HostDecision;
import io.farpool.worker.hosting.ProcessExit;
import io.farpool.worker.socket.SelectorLoop;
import io.farpool.worker.socket.SocketLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All worker processes of this daemon: starts them, carries frames, keeps their output, and sees to it that when one has
 * ended nothing of it is left, and when the daemon ends none of them is.
 *
 * <p>Thread-safe. Nothing here blocks its caller, but {@link #open} and {@link #close}.
 */
public final class WorkerProcesses implements AutoCloseable {
    private static final int CLOSE_SECONDS = 5;
    /** A process waits no longer for its output to be taken. */
    private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(WorkerProcesses.class);

    /** Is told what becomes of processes, on threads of this class or the loop's, and must not block them. */
    public interface Listener extends ProcessSockets.Listener {
        @Override
        void said(List<Said> frames);

        @Override
        void disconnected(long process);

        /** It could not be started. */
        void notLaunched(long process, String message);

        /** It has exited, all it said has been told, and nothing of its group is left. */
        void exited(long process, long marker, ProcessExit exit);

        /** There are lines to be {@linkplain #takeLines taken}. */
        void linesAvailable(long process);
    }

    private final String host;
    private final Listener listener;
    private final DaemonDirectory directory;
    private final PayloadClaims claims;
    private final ClassDataArchives archives;
    private final ProcessLauncher launcher;
    private final ProcessSockets sockets;
    /** Null: the sockets are on a loop that others have, too. */
    private final @Nullable SelectorLoop ownLoop;

    private final OutOfMemoryKills outOfMemoryKills = OutOfMemoryKills.here();
    private final Map<Long, LaunchedProcess> processes = new ConcurrentHashMap<>();
    /** One for each process, from its start to its burial, and for claiming files and removing them: at most three. */
    private final ExecutorService hands;

    /** However this JVM ends, unless it is killed: then the processes end by themselves, as their sockets close. */
    private final Thread shutdownHook = new Thread(this::killAll, "farpool-shutdown");

    private volatile boolean closed;

    private WorkerProcesses(
            String host,
            long heapBytes,
            ClassDataArchives archives,
            Listener listener,
            DaemonDirectory directory,
            SocketLoop loop,
            @Nullable SelectorLoop ownLoop)
            throws IOException {
        this.host = host;
        this.listener = listener;
        this.archives = archives;
        this.directory = directory;
        this.ownLoop = ownLoop;
        this.launcher = new ProcessLauncher(directory.socket(), heapBytes, archives);
        this.claims = new PayloadClaims(directory);
        this.hands = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "farpool-launcher");
            thread.setDaemon(true);
            return thread;
        });
        this.sockets = ProcessSockets.open(loop, hands, directory.socket(), Admission.PATIENCE, claims, listener);
    }

    /**
     * Makes the daemon's directory and listens on its socket.
     *
     * @param host its name, for the lines that processes write
     * @param heapBytes of a process whose session does not say; 0: the JVM's own default
     * @param archives that processes may start with; closed with this
     * @param loop where to wait for the processes' sockets; null: on a thread of their own
     * @throws IOException when there is no place for the directory
     * @throws IllegalStateException when this JVM is about to exit
     */
    public static WorkerProcesses open(
            String host, long heapBytes, ClassDataArchives archives, @Nullable SocketLoop loop, Listener listener)
            throws IOException {
        DaemonDirectory directory = DaemonDirectory.create();
        WorkerProcesses processes;
        SelectorLoop own = null;
        try {
            own = loop == null ? SelectorLoop.start("farpool-processes") : null;
            processes =
                    new WorkerProcesses(host, heapBytes, archives, listener, directory, own == null ? loop : own, own);
        } catch (Throwable failure) {
            if (own != null) {
                own.close();
            }
            directory.remove();
            throw failure;
        }
        try {
            Runtime.getRuntime().addShutdownHook(processes.shutdownHook);
        } catch (IllegalStateException shuttingDown) {
            processes.close();
            throw shuttingDown;
        }
        return processes;
    }

    /** Where this daemon's large payloads are, those of outcomes that processes have told among them; exists until closed. */
    public Path payloadDirectory() {
        return directory.payloads();
    }

    /** Starts a process on another thread, which waits for its end. */
    public void launch(HostDecision.Launch launch) {
        LaunchedProcess process = new LaunchedProcess(launch.process(), launch.sessionId());
        processes.put(process.number, process);
        try {
            hands.execute(() -> start(process, launch));
        } catch (RejectedExecutionException closing) {
            processes.remove(process.number);
        } catch (OutOfMemoryError noThread) {
            processes.remove(process.number);
            notLaunched(process, noThread);
        }
    }

    private void notLaunched(LaunchedProcess process, Throwable failure) {
        String reason = failure.getMessage();
        listener.notLaunched(
                process.number,
                "no worker process could be started: " + (reason == null ? failure.toString() : reason));
    }

    /** Has a process that was started for no session be that one's. */
    public void assign(long process, String sessionId) {
        LaunchedProcess launched = processes.get(process);
        if (launched != null) {
            launched.sessionId = sessionId;
            log.info("event=process-assigned process={} pid={} session={}", process, launched.pid(), sessionId);
            listener.linesAvailable(process); // if any, they have not been taken before
        }
    }

    /** Sends a frame to a process; dropped when it has gone. */
    public void send(long process, ToProcess message) {
        sockets.send(process, claims.completed(process, message));
    }

    /** Kills a process and its whole group. */
    public void kill(long process) {
        LaunchedProcess launched = processes.get(process);
        if (launched != null) {
            launched.kill();
        }
    }

    /** The ordinal that a process has started last; 0: none, or no such process. */
    public long marker(long process) {
        LaunchedProcess launched = processes.get(process);
        return launched == null ? 0 : launched.marker();
    }

    /**
     * To be called every few seconds: closes connections of those who have not said who they are, and counts what was killed
     * for want of memory, which then explains no exit that comes later.
     */
    public void look() {
        sockets.look();
        outOfMemoryKills.look();
    }

    /** What a process keeps in memory, without what it has started; 0 when it cannot be told. */
    public long residentBytes(long process) {
        LaunchedProcess launched = processes.get(process);
        return launched == null ? 0 : MachineMemory.residentBytes(launched.pid());
    }

    /** Takes the lines that a process has written since the last time. */
    public List<LogLine> takeLines(long process) {
        LaunchedProcess launched = processes.get(process);
        ProcessOutput output = launched == null ? null : launched.output();
        return output == null ? List.of() : output.take();
    }

    /** Kills what is left and removes every trace. Waits for it, a few seconds at most. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException shuttingDown) {
            // The hook does the same as what follows.
        }
        hands.shutdown();
        killAll();
        try {
            if (!hands.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("event=processes-linger count={} after_seconds={}", processes.size(), CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        sockets.close();
        if (ownLoop != null) {
            ownLoop.close();
        }
        directory.remove();
    }

    private void killAll() {
        closed = true;
        archives.close();
        List<Long> groups = new ArrayList<>();
        for (LaunchedProcess process : processes.values()) {
            process.releaseOutput();
            process.kill();
            if (process.pid() != 0) {
                groups.add(process.pid());
            }
        }
        ProcessGroups.kill(groups);
        for (LaunchedProcess process : processes.values()) {
            process.awaitExit(CLOSE_SECONDS);
        }
        directory.remove();
    }

    private void start(LaunchedProcess process, HostDecision.Launch launch) {
        long began = System.nanoTime();
        try {
            process.prepare(directory.createForProcess(process.number));
            sockets.expect(process.token, process.number);
            Process started = launcher.launch(launch.kind(), process.directory(), process.notesFile(), process.token);
            ProcessOutput output = new ProcessOutput(
                    host,
                    started.pid(),
                    LaunchedProcess.outputCharset(launch.kind().spec()),
                    OUTPUT_PATIENCE,
                    () -> listener.linesAvailable(process.number));
            process.started(started, output);
            if (closed) {
                process.kill();
            }
            log.info(
                    "event=process-launched process={} pid={} session={} took_ms={}",
                    process.number,
                    started.pid(),
                    launch.sessionId(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            sleepUntilExit(started);
        } catch (IOException | RuntimeException | OutOfMemoryError failure) {
            process.kill(); // it may have begun, and wants threads here
            log.warn(
                    "event=process-not-launched process={} session={} reason=\"{}\"",
                    process.number,
                    launch.sessionId(),
                    failure.toString());
            sockets.finish(process.token, process.number, () -> {
                notLaunched(process, failure);
                forget(process);
            });
            return;
        }
        if (!closed) { // else close() ends the group and removes the directory
            bury(process);
        }
    }

    /** Not told by {@link Process#onExit}: that is on the common pool, whose threads may all be held up, by this process too. */
    private static void sleepUntilExit(Process started) {
        while (started.isAlive()) {
            try {
                int ignored = started.waitFor();
            } catch (InterruptedException nobodyDoes) {
                log.debug("interrupted while waiting for a process");
            }
        }
    }

    private void bury(LaunchedProcess process) {
        boolean outOfMemory = process.wasOutOfMemory(outOfMemoryKills);
        ProcessGroups.kill(List.of(process.pid()));
        process.awaitOutput();
        ProcessExit exit = process.exit(outOfMemory);
        FromProcess unsent = unsent(process);
        sockets.finish(process.token, process.number, () -> {
            log.info(
                    "event=process-exited process={} pid={} session={} exit_code={} signal={} out_of_memory={}",
                    process.number,
                    process.pid(),
                    process.sessionId,
                    exit.code(),
                    exit.signal(),
                    exit.outOfMemory());
            if (unsent.getOutcomesCount() > 0) {
                listener.said(List.of(new Said(process.number, unsent)));
            }
            listener.exited(process.number, process.marker(), exit);
            forget(process);
        });
    }

    /** What it would have said next. What it notes names no files. */
    private FromProcess unsent(LaunchedProcess process) {
        String reason = "an outcome names a file";
        try {
            FromProcess unsent = process.unsent();
            if (!claims.namesFiles(unsent)) {
                return unsent;
            }
        } catch (IOException | RuntimeException unreadable) {
            reason = unreadable.toString(); // a process is user code, and its exit is to be told in any case
        }
        log.warn("event=notes-not-read process={} reason=\"{}\"", process.number, reason);
        return FromProcess.getDefaultInstance();
    }

    private void forget(LaunchedProcess process) {
        processes.remove(process.number);
        try {
            hands.execute(process::removeDirectory);
        } catch (RejectedExecutionException closing) {
            // close() removes the directory of all.
        }
    }
}
