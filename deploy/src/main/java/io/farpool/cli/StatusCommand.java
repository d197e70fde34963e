package io.farpool.cli;

import io.farpool.proto.v1.ClusterGrpc;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code farpool status}: one look at a cluster. */
@Command(
        name = "status",
        header = "Show a cluster's hosts and sessions.",
        description = {"", "Exit status: 0 when the coordinator answered, 1 when it did not.", ""})
final class StatusCommand implements Callable<Integer> {
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
            description = "The coordinator to ask (default: $FARPOOL_COORDINATOR, else 127.0.0.1:7077).")
    @SuppressWarnings("NullAway.Init")
    private Address coordinator;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "How long to wait for the answer (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Duration timeout;

    @Override
    public Integer call() throws Exception {
        LogConfiguration.forCommand(((Farpool) spec.root().userObject()).verbose());
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(
                        coordinator.host(), coordinator.port(), InsecureChannelCredentials.create())
                .build();
        try {
            DescribeResponse cluster = ClusterGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .describe(DescribeRequest.getDefaultInstance());
            spec.commandLine().getOut().print(ClusterReport.of(coordinator.toString(), cluster));
            spec.commandLine().getOut().flush();
            return 0;
        } catch (StatusRuntimeException e) {
            throw new CommandFailedException(reason(e), e);
        } finally {
            channel.shutdownNow();
            channel.awaitTermination(1, TimeUnit.SECONDS);
        }
    }

    private String reason(StatusRuntimeException e) {
        String found =
                switch (e.getStatus().getCode()) {
                    case UNAVAILABLE -> "no coordinator answers at " + coordinator + " (" + rootCause(e) + ")";
                    case DEADLINE_EXCEEDED -> "no answer from " + coordinator + " within " + timeout.toMillis() + " ms";
                    case UNIMPLEMENTED -> "what listens at " + coordinator + " cannot describe a cluster";
                    default -> coordinator + " answered " + e.getStatus();
                };
        return found + ", expected a coordinator of Farpool " + Version.current()
                + " there, as 'farpool coordinator' starts one";
    }

    private static String rootCause(StatusRuntimeException e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        if (cause == e) {
            Status status = e.getStatus();
            return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        }
        String message = cause.getMessage();
        // "finishConnect(..) failed with error(-111): Connection refused": the last part is the one for people.
        return message == null
                ? cause.getClass().getSimpleName()
                : message.replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ", "");
    }
}
