package io.farpool.cli;

import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code farpool worker}: runs a worker daemon until a signal ends it, or a coordinator that refuses it, or none that can be found at first. */
@Command(
        name = "worker",
        header = "Run a worker daemon: it gives this machine's slots to a cluster.",
        description = {
            "",
            "Needs only Java: sessions bring their class path. Prints 'worker NAME attached to HOST:PORT, N slots' when "
                    + "it is. SIGTERM or Ctrl-C drains it: it takes nothing new, hands back what has not started, and "
                    + "finishes what runs. A second one ends it at once.",
            ""
        })
final class WorkerCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private final HelpOption help = new HelpOption();

    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:FARPOOL_COORDINATOR:-127.0.0.1:7077}",
            converter = Address.Converter.class,
            description = "The coordinator to attach to (default: $FARPOOL_COORDINATOR, else 127.0.0.1:7077).")
    @SuppressWarnings("NullAway.Init")
    private Address coordinator;

    @Option(
            names = "--slots",
            paramLabel = "N",
            converter = WholeNumber.Slots.class,
            description = "How many tasks run here at once (default: one for each CPU).")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            converter = HostName.class,
            description = "This host's name, unique in the cluster (default: the machine's, with a random suffix).")
    private @Nullable String name;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "Where sessions' class paths are cached (default: a directory of its own under the system's "
                    + "temporary one, removed at the end).")
    private @Nullable Path cacheDirectory;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description = "How long running tasks may take to finish when stopped (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration drainTimeout;

    @Option(
            names = "--attach-timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "How long to look for the coordinator at the start (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration attachTimeout;

    @Option(
            names = "--coordinator-loss-timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = DurationConverter.class,
            description = "How long to keep sessions while no coordinator answers (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration coordinatorLoss;

    @Option(
            names = "--blob-cache",
            paramLabel = "SIZE",
            defaultValue = "10g",
            converter = ByteSize.class,
            description = "How much of the class paths to keep: past it the least recently used go, but never what a "
                    + "session needs (default: ${DEFAULT-VALUE}).")
    private long blobCacheBytes;

    @Option(
            names = "--kill-grace",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "From asking a worker process to stop to killing it (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration killGrace;

    @Option(
            names = "--idle-process",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "How long a worker process is kept warm without a task (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration idleProcess;

    @Option(
            names = "--memory-share",
            paramLabel = "SHARE",
            defaultValue = "0.7",
            converter = Share.class,
            description = "Of the machine's memory, for the heaps of all worker processes together, where a session "
                    + "does not say (default: ${DEFAULT-VALUE}).")
    private double memoryShare;

    @Option(
            names = "--max-process-memory",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "A worker process that keeps more resident memory than this once its task has ended is replaced "
                            + "(default: none is).")
    private long maxProcessMemoryBytes;

    @Option(
            names = "--held-results",
            paramLabel = "SIZE",
            defaultValue = "4g",
            converter = ByteSize.class,
            description = "How much disk a session's large results may take until its client has them; past it no more "
                    + "of its tasks are started here (default: ${DEFAULT-VALUE}).")
    private long heldFileBytes;

    @Option(
            names = "--held-results-memory",
            paramLabel = "SIZE",
            defaultValue = "64m",
            converter = ByteSize.class,
            description = "The same for its other results, which are kept in the daemon's heap (default: "
                    + "${DEFAULT-VALUE}).")
    private long heldOutcomeBytes;

    @Option(
            names = "--process-connect",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.AboveZero.class,
            description = "How long a worker process may take from its launch to its first word; then it is killed "
                    + "(default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration processConnect;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "A file to make once attached, and to remove when stopped; for probes.")
    private @Nullable Path readyFile;

    @Override
    public Integer call() throws Exception {
        LogConfiguration.forDaemon(((Farpool) spec.root().userObject()).verbose());
        StopSignals signals = StopSignals.install();
        try (ReadyFile ready = new ReadyFile(readyFile)) {
            WorkerSettings settings = settings();
            // On a thread of its own, as is the wait for its end: a signal must be answered meanwhile.
            CompletableFuture<WorkerDaemon> started = inBackground("farpool-start", () -> WorkerDaemon.start(settings));
            first(signals.asked(), started);
            if (!started.isDone()) {
                return 0;
            }
            try (WorkerDaemon daemon = started.get()) {
                ready.set(true);
                spec.commandLine()
                        .getOut()
                        .println("worker " + daemon.name() + " attached to " + coordinator + ", " + slots
                                + (slots == 1 ? " slot" : " slots"));
                spec.commandLine().getOut().flush();
                CompletableFuture<Void> ended = inBackground("farpool-await", () -> {
                    daemon.awaitTermination();
                    return null;
                });
                first(signals.asked(), ended);
                if (!signals.asked().isDone()) {
                    throw new CommandFailedException("the daemon has ended without being asked to");
                }
                ready.set(false);
                daemon.drain(drainTimeout);
            }
        }
        return 0;
    }

    /** What the options say. */
    WorkerSettings settings() throws CommandFailedException {
        WorkerSettings settings = WorkerSettings.defaults()
                .withCoordinator(coordinator.toString())
                .withSlots(slots)
                .withBlobCacheBytes(blobCacheBytes)
                .withConnectTimeout(attachTimeout)
                .withCoordinatorLoss(coordinatorLoss)
                .withKillGrace(killGrace)
                .withIdleProcess(idleProcess)
                .withMemoryShare(memoryShare)
                .withMaxProcessMemoryBytes(maxProcessMemoryBytes)
                .withHeldFileBytes(heldFileBytes)
                .withHeldOutcomeBytes(heldOutcomeBytes)
                .withProcessConnect(processConnect);
        if (cacheDirectory != null) {
            settings = settings.withCacheDirectory(UsableDirectory.of("--cache-dir", cacheDirectory));
        }
        return name == null ? settings : settings.withName(name);
    }

    private static <T> CompletableFuture<T> inBackground(String threadName, Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(call.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                threadName);
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** Waits for either; throws what one of them has failed with. */
    private static void first(CompletableFuture<?> one, CompletableFuture<?> other) throws Exception {
        try {
            CompletableFuture.anyOf(one, other).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
