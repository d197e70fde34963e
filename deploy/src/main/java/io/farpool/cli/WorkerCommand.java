package io.farpool.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            description = "This host's name, unique in the cluster (default: the machine's).")
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
        throw new UnsupportedOperationException();
    }
}
