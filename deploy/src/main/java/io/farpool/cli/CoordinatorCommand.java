package io.farpool.cli;

import io.farpool.coordinator.CoordinatorServer;
import io.farpool.coordinator.CoordinatorSettings;
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

/** {@code farpool coordinator}: runs a coordinator until a signal ends it. */
@Command(
        name = "coordinator",
        header = "Run a coordinator: it schedules the tasks of all sessions onto the hosts.",
        description = {
            "",
            "Prints 'coordinator listening on HOST:PORT' when it does. SIGTERM or Ctrl-C stops it; clients and workers "
                    + "then look for the next one, and no task is lost while its client lives.",
            ""
        })
final class CoordinatorCommand implements Callable<Integer> {
    /** Calls in flight are answered; what streams carry is kept by clients and hosts. */
    private static final Duration SHUTDOWN = Duration.ofSeconds(5);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private final HelpOption help = new HelpOption();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on, 0.0.0.0 for all (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "7077",
            converter = WholeNumber.ListenPort.class,
            description = "The port to listen on, 0 for any that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--insecure",
            description = "Listen beyond loopback although there is no TLS and there are no tokens yet: "
                    + "whoever reaches the port may run code on every host.")
    private boolean insecure;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where uploaded class paths are cached (default: a directory of its own under the "
                    + "system's temporary one, removed at the end).")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--blob-cache",
            paramLabel = "SIZE",
            defaultValue = "10g",
            converter = ByteSize.class,
            description =
                    "How much of them to keep: past it the least recently used go, but never what a session needs "
                            + "(default: ${DEFAULT-VALUE}).")
    private long blobCacheBytes;

    @Mixin
    private final CoordinatorLimits limits = new CoordinatorLimits();

    @Override
    public Integer call() throws Exception {
        boolean verbose = ((Farpool) spec.root().userObject()).verbose();
        // What keeps it from starting is told in one line; from then on it logs.
        LogConfiguration.forCommand(verbose);
        refuseToBeOpenByAccident();
        CoordinatorSettings settings = settings();
        StopSignals signals = StopSignals.install();
        CoordinatorServer server = CoordinatorServer.start(settings);
        LogConfiguration.forDaemon(verbose);
        try {
            spec.commandLine().getOut().println("coordinator listening on " + new Address(host, server.port()));
            spec.commandLine().getOut().flush();
            signals.asked().get();
        } finally {
            server.shutdown(SHUTDOWN);
        }
        return 0;
    }

    /** What the options say. */
    CoordinatorSettings settings() throws CommandFailedException {
        CoordinatorSettings settings = limits.apply(CoordinatorSettings.defaults(), spec.commandLine())
                .withHost(host)
                .withPort(port)
                .withInsecure(insecure)
                .withBlobLimitBytes(blobCacheBytes);
        return dataDirectory == null
                ? settings
                : settings.withDataDirectory(UsableDirectory.of("--data-dir", dataDirectory));
    }

    private void refuseToBeOpenByAccident() {
        try {
            if (!insecure && !InetAddress.getByName(host).isLoopbackAddress()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--host is '" + host
                                + "', which others can reach, expected a loopback address as 127.0.0.1, or "
                                + "--insecure beside it: there is no TLS yet, so whoever reaches the port may run code");
            }
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(), "--host is '" + host + "', expected an address of this machine", e);
        }
    }
}
