package io.farpool.cli;

import io.farpool.worker.WorkerDaemon;
import io.farpool.worker.WorkerSettings;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code farpool worker}: runs a worker daemon until a signal, or a coordinator lost for too long, ends it. */
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
    private static final int NAME_CHARACTERS_MAX = 200;

    /** How often the ready file's time is renewed. */
    private static final Duration TICK = Duration.ofSeconds(1);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
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
            description = "This host's name, unique in the cluster (default: the machine's, and the process id).")
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
            names = "--ready-file",
            paramLabel = "FILE",
            description = "A file that is there while this worker is attached, for probes.")
    private @Nullable Path readyFile;

    @Override
    public Integer call() throws Exception {
        LogConfiguration.forDaemon(((Farpool) spec.root().userObject()).verbose());
        String hostName = checkedName();
        StopSignals signals = StopSignals.install();
        try (ReadyFile ready = new ReadyFile(readyFile);
                WorkerDaemon daemon = WorkerDaemon.start(settings(hostName))) {
            if (awaitAttached(daemon, signals)) {
                PrintWriter out = spec.commandLine().getOut();
                out.println("worker " + hostName + " attached to " + coordinator + ", " + slots
                        + (slots == 1 ? " slot" : " slots"));
                out.flush();
                while (!signals.await(TICK)) {
                    if (daemon.terminated()) {
                        throw new CommandFailedException(daemon.failure());
                    }
                    ready.set(daemon.attached());
                }
                ready.set(false);
                daemon.drain(drainTimeout);
            }
        }
        return 0;
    }

    /** False when a signal came first. */
    private boolean awaitAttached(WorkerDaemon daemon, StopSignals signals)
            throws InterruptedException, CommandFailedException {
        return true;
    }

    private WorkerSettings settings(String hostName) {
        WorkerSettings settings =
                WorkerSettings.defaults().withName(hostName).withSlots(slots).withCoordinator(coordinator.toString());
        return cacheDirectory == null ? settings : settings.withCacheDirectory(cacheDirectory);
    }

    private String checkedName() {
        if (name == null) {
            // With the process id, because of two workers of one name the older would be sent away.
            return machineName() + "-" + ProcessHandle.current().pid();
        }
        if (name.isEmpty()
                || name.length() > NAME_CHARACTERS_MAX
                || name.chars().anyMatch(c -> c <= ' ' || c == 127)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--name is '" + name + "', expected 1 to " + NAME_CHARACTERS_MAX
                            + " characters without white space");
        }
        return name;
    }

    private static String machineName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A machine whose own name does not resolve.
            String fromEnvironment = System.getenv("HOSTNAME");
            return fromEnvironment == null || fromEnvironment.isBlank() ? "worker" : fromEnvironment.strip();
        }
    }
}
