package io.farpool.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.cli.CommandLines;
import io.farpool.proto.v1.HostsGrpc;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The daemons, as processes of the distribution,")
class DaemonsIT {
    private static final Duration DEADLINE = FarpoolProcess.START_DEADLINE;
    private static final String LISTENING = "^coordinator listening on (127\\.0\\.0\\.1:(\\d+))$";

    /** The daemons' temporary directory; short, because Unix socket paths must be. */
    @TempDir
    private Path tmp;

    @Test
    void findEachOtherShowUpInStatusStopCleanlyAndLeaveNothing() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = coordinator.awaitLine(LISTENING, DEADLINE).group(1);
            Path readyFile = tmp.resolve("ready");
            try (FarpoolProcess one = farpool(
                            "worker",
                            "--coordinator",
                            address,
                            "--slots",
                            "3",
                            "--name",
                            "one",
                            "--ready-file",
                            readyFile.toString());
                    FarpoolProcess two = FarpoolProcess.farpool(
                            Map.of("FARPOOL_JAVA_OPTS", javaOptions(), "FARPOOL_COORDINATOR", address),
                            "worker",
                            "--name",
                            "two",
                            "--slots",
                            "1")) {
                one.awaitLine("^worker one attached to " + address + ", 3 slots$", DEADLINE);
                two.awaitLine("^worker two attached to " + address + ", 1 slot$", DEADLINE);
                assertThat(readyFile).exists();

                try (FarpoolProcess status = farpool("status", "--coordinator", address)) {
                    assertThat(status.awaitExit(DEADLINE)).as(status.toString()).isZero();
                    assertThat(status.stdout())
                            .contains("version " + CommandLines.version(), "hosts 2  slots 4  sessions 0")
                            .containsPattern("(?m)^one +attached +3 ")
                            .containsPattern("(?m)^two +attached +1 ");
                    assertThat(status.stderr()).isEmpty();
                }

                assertThat(one.stop(DEADLINE)).as(one.toString()).isZero();
                assertThat(readyFile).doesNotExist();
                assertThat(two.stop(DEADLINE)).as(two.toString()).isZero();
                assertNoStackTrace(one, two);
            }
            assertThat(coordinator.stop(DEADLINE)).as(coordinator.toString()).isZero();
            assertNoStackTrace(coordinator);
        }
        try (Stream<Path> left = Files.list(tmp)) {
            assertThat(left).as("files left in the temporary directory").isEmpty();
        }
    }

    @Test
    void stopOnAnInterruptAsOnATermination() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            coordinator.awaitLine(LISTENING, DEADLINE);
            coordinator.signal("INT");
            assertThat(coordinator.awaitExit(DEADLINE)).isZero();
        }
    }

    @Test
    void endAtOnceOnASecondTermination() throws Exception {
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0")) {
            String address = coordinator.awaitLine(LISTENING, DEADLINE).group(1);
            ManagedChannel channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                    .build();
            try {
                // A call that does not end by itself: the coordinator waits some seconds for it.
                HealthGrpc.HealthBlockingStub stub =
                        HealthGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
                Iterator<HealthCheckResponse> health = stub.watch(HealthCheckRequest.getDefaultInstance());
                assertThat(health.next().getStatus()).isEqualTo(ServingStatus.SERVING);
                coordinator.signal("TERM");
                assertThat(health.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
                assertThat(coordinator.stop(DEADLINE)).isEqualTo(128 + 15);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void sayThatThePortIsInUse() throws Exception {
        try (FarpoolProcess first = farpool("coordinator", "--port", "0")) {
            String port = first.awaitLine(LISTENING, DEADLINE).group(2);
            try (FarpoolProcess second = farpool("coordinator", "--port", port);
                    FarpoolProcess verbose = farpool("-v", "coordinator", "--port", port)) {
                assertFailsInOneLine(second, "farpool coordinator: ", "127.0.0.1:" + port, "in use");
                assertThat(verbose.awaitExit(DEADLINE)).isEqualTo(1);
                assertThat(verbose.stderr()).as("with -v").contains("\tat ");
            }
        }
    }

    @Test
    void sayThatTheCoordinatorIsNotThere() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (FarpoolProcess worker =
                farpool("worker", "--coordinator", "127.0.0.1:" + port, "--attach-timeout", "500ms")) {
            assertFailsInOneLine(worker, "farpool worker: ", "127.0.0.1:" + port, "expected a running coordinator");
        }
    }

    @Test
    void sayThatTheCoordinatorSpeaksAnotherVersion() throws Exception {
        Server future = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new CoordinatorOfTheFuture())
                .build()
                .start();
        try (FarpoolProcess worker = farpool("worker", "--coordinator", "127.0.0.1:" + future.getPort())) {
            assertFailsInOneLine(worker, "farpool worker: ", "127.0.0.1:" + future.getPort(), "version 1", "version 2");
        } finally {
            future.shutdownNow();
            future.awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void sayThatADirectoryCannotBeUsed() throws Exception {
        Path file = Files.createFile(tmp.resolve("file"));
        try (FarpoolProcess coordinator = farpool("coordinator", "--port", "0", "--data-dir", file + "/data");
                FarpoolProcess worker = farpool("worker", "--cache-dir", file + "/cache")) {
            assertFailsInOneLine(coordinator, "farpool coordinator: ", file + "/data", "expected");
            assertFailsInOneLine(worker, "farpool worker: ", file + "/cache", "expected");
        }
    }

    private FarpoolProcess farpool(String... arguments) throws IOException {
        return FarpoolProcess.farpool(Map.of("FARPOOL_JAVA_OPTS", javaOptions()), arguments);
    }

    private String javaOptions() {
        return "-Xmx128m -XX:-UsePerfData -Djava.io.tmpdir=" + tmp;
    }

    /** What a daemon logged of its tries before it failed is not counted. */
    private static void assertFailsInOneLine(FarpoolProcess process, String... parts) throws Exception {
        assertThat(process.awaitExit(DEADLINE)).as(process.toString()).isEqualTo(1);
        assertNoStackTrace(process);
        List<String> ours = process.stderr()
                .lines()
                .filter(line -> !line.matches("\\d{4}-\\S+ \\S+ (INFO |WARN ) .*"))
                .toList();
        assertThat(ours)
                .as(process.toString())
                .singleElement()
                .asString()
                .startsWith(parts[0])
                .contains(parts);
    }

    private static void assertNoStackTrace(FarpoolProcess... processes) {
        for (FarpoolProcess process : processes) {
            assertThat(process.stdout() + process.stderr())
                    .as(process.toString())
                    .doesNotContain("\tat ")
                    .doesNotContain("Exception in thread");
        }
    }

    private static final class CoordinatorOfTheFuture extends HostsGrpc.HostsImplBase {
        @Override
        public StreamObserver<Report> attach(StreamObserver<Order> orders) {
            return new StreamObserver<>() {
                @Override
                public void onNext(Report report) {
                    orders.onError(Status.FAILED_PRECONDITION
                            .withDescription(
                                    "protocol version " + report.getHello().getProtocolVersion()
                                            + " is not spoken here, expected version 2")
                            .asRuntimeException());
                }

                @Override
                public void onError(Throwable thrown) {}

                @Override
                public void onCompleted() {
                    orders.onCompleted();
                }
            };
        }
    }
}
