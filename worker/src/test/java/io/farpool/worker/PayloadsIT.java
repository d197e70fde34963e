package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.worker.link.CoordinatorLink;
import io.farpool.worker.payload.PayloadRelay;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Large payloads into and out of real processes, the coordinator in the test's hands. */
class PayloadsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LARGE_BYTES = 5_000_000;
    private static final ProcessSpec SPEC =
            ProcessSpec.newBuilder().setMainClass(TestProcess.class.getName()).build();

    private final TestCoordinator coordinator = new TestCoordinator();
    private final PayloadRelay relay = new PayloadRelay();
    private Server server;
    private ManagedChannel channel;
    private @Nullable Worker worker;

    @BeforeEach
    void startRelay() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name).addService(relay).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (worker != null) {
            worker.close();
        }
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aLargeArgumentIsFetchedReadInPlaceAndRemoved() throws IOException {
        Path directory = start(false);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder().addRuns(large(1, relay.offer(1, bytes(LARGE_BYTES)))));
        assertThat(coordinator.result(1)).isEqualTo(LARGE_BYTES + " bytes of 3");
        ReceiveRequest asked = relay.received.get(0);
        assertThat(asked.getSessionId()).isEqualTo("session1");
        assertThat(asked.getArgument().getHost()).isEqualTo("testhost");
        assertThat(asked.getArgument().getIncarnation()).isNotZero();
        awaitEmpty(directory);
    }

    @Test
    void aLargeResultStaysHereUntilItIsAskedForAndAcknowledged() throws IOException {
        Path directory = start(false);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "large " + LARGE_BYTES);
        PayloadReference reference = coordinator.outcome(1).getResult().getReference();
        assertThat(reference)
                .as("without a path, which means nothing elsewhere")
                .isEqualTo(PayloadRelay.reference(filled(LARGE_BYTES, 5)));
        assertThat(files(directory)).hasSize(1);
        coordinator.order(Order.newBuilder().addPayloadsWanted(wanted(77, 1)));
        await("the payload", () -> relay.sent.containsKey(77L));
        assertThat(relay.sent.get(77L)).isEqualTo(filled(LARGE_BYTES, 5));
        coordinator.order(Order.newBuilder().addAcknowledged(1));
        awaitEmpty(directory);
        coordinator.order(Order.newBuilder().addPayloadsWanted(wanted(78, 1)));
        await("that it is gone", () -> relay.gone.containsKey(78L));
    }

    @Test
    void aLargeResultWhoseFileDisappearsIsLostAndSaidToBe() throws IOException {
        Path directory = start(false);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "large " + LARGE_BYTES);
        coordinator.outcome(1);
        Files.delete(files(directory).get(0));
        coordinator.order(Order.newBuilder().addPayloadsWanted(wanted(77, 1)));
        Report lost = coordinator.await("its loss", report -> report.getOutcomesList().stream()
                .anyMatch(outcome -> outcome.getOutcome().hasLoss()));
        assertThat(lost.getOutcomes(0).getAttempt()).isEqualTo(1);
        assertThat(lost.getOutcomes(0).getOutcome().getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        await("that it cannot be read", () -> relay.gone.containsKey(77L));
        assertThat(relay.gone.get(77L).getUnreadable()).isTrue();
    }

    @Test
    void aLargeResultOutlivesItsProcess() throws IOException {
        start(false);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "large " + LARGE_BYTES);
        coordinator.outcome(1);
        coordinator.run(1, 2, "exit 3");
        assertThat(coordinator.outcome(2).hasLoss()).isTrue();
        coordinator.run(1, 3, "echo another process");
        assertThat(coordinator.result(3)).isEqualTo("another process");
        coordinator.order(Order.newBuilder().addPayloadsWanted(wanted(77, 1)));
        await("the payload", () -> relay.sent.containsKey(77L));
        assertThat(relay.sent.get(77L)).hasSize(LARGE_BYTES);
    }

    @Test
    void aProcessThatNamesAFileThatIsNotItsOwnIsEndedAndTheFileStays() throws IOException {
        Path directory = start(false);
        Path precious = Files.createTempFile("precious", "");
        try {
            coordinator.open(1, 1, SPEC);
            coordinator.run(1, 1, "claim " + precious);
            Outcome outcome = coordinator.outcome(1);
            assertThat(outcome.getLoss().getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
            assertThat(precious).exists();
            assertThat(files(directory)).isEmpty();
            coordinator.run(1, 2, "echo next");
            assertThat(coordinator.result(2)).isEqualTo("next");
        } finally {
            Files.delete(precious);
        }
    }

    @Test
    void aLargeInitializerIsFetchedOnceForAllProcesses() throws IOException {
        Path directory = start(false);
        PayloadReference initializer = relay.offer(0, bytes(LARGE_BYTES));
        coordinator.open(
                1,
                2,
                SPEC.toBuilder()
                        .setInitializer(Payload.newBuilder().setReference(initializer))
                        .build());
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "exit 1"))
                .addRuns(TestCoordinator.aRun(1, 2, "property initializer")));
        assertThat(coordinator.outcome(1).hasLoss()).isTrue();
        assertThat(coordinator.result(2)).isEqualTo(LARGE_BYTES + " bytes of 3");
        coordinator.run(1, 3, "property initializer");
        assertThat(coordinator.result(3)).isEqualTo(LARGE_BYTES + " bytes of 3");
        assertThat(relay.received).hasSize(1);
        coordinator.close(1);
        awaitEmpty(directory);
    }

    @Test
    void theEndOfASessionRemovesItsFiles() throws IOException {
        Path directory = start(false);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "large " + LARGE_BYTES);
        coordinator.outcome(1);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 2, "sleep 60000"))
                .addRuns(large(3, relay.offer(3, bytes(LARGE_BYTES)))));
        await("the argument", () -> files(directory).size() == 2);
        coordinator.close(1);
        awaitEmpty(directory);
    }

    @Test
    void onOneMachineFilesAreReadInPlaceAndNothingIsSent() throws IOException {
        Path directory = start(true);
        Path argument = Files.createTempFile("argument", "");
        try {
            Files.write(argument, bytes(LARGE_BYTES));
            coordinator.open(1, 1, SPEC);
            coordinator.order(Order.newBuilder()
                    .addRuns(large(
                            1,
                            PayloadRelay.reference(bytes(LARGE_BYTES)).toBuilder()
                                    .setPath(argument.toString())
                                    .build()))
                    .addRuns(TestCoordinator.aRun(1, 2, "large " + LARGE_BYTES)));
            assertThat(coordinator.result(1)).isEqualTo(LARGE_BYTES + " bytes of 3");
            Path result =
                    Path.of(coordinator.outcome(2).getResult().getReference().getPath());
            assertThat(result).hasParent(directory).hasSize(LARGE_BYTES);
            coordinator.order(Order.newBuilder().addAcknowledged(1).addAcknowledged(2));
            awaitEmpty(directory);
            assertThat(argument).as("the client's own").exists();
            assertThat(relay.received).isEmpty();
        } finally {
            Files.delete(argument);
        }
    }

    // ---------------------------------------------------------------------------------------------------------- words

    /** Starts a worker, and returns where it keeps its payloads. */
    private Path start(boolean local) throws IOException {
        List<Path> before = directories();
        List<Path> classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        WorkerSettings settings = WorkerSettings.defaults()
                .withName("testhost")
                .withSlots(1)
                .withKillGrace(Duration.ofMillis(300))
                .withMemoryShare(0.02);
        worker = Worker.start(
                settings,
                local ? coordinator : new Remote(),
                (session, bundle) -> CompletableFuture.completedFuture(classPath));
        List<Path> made = new ArrayList<>(directories());
        made.removeAll(before);
        assertThat(made).hasSize(1);
        return made.get(0).resolve("payloads");
    }

    private final class Remote implements CoordinatorLink {
        @Override
        public StreamObserver<Report> attach(StreamObserver<Order> orders) {
            return coordinator.attach(orders);
        }

        @Override
        public Channel channel() {
            return channel;
        }
    }

    private static byte[] bytes(int count) {
        return filled(count, 3);
    }

    private static byte[] filled(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static Run large(long attempt, PayloadReference reference) {
        Run run = TestCoordinator.aRun(1, attempt, "");
        return run.toBuilder()
                .setTask(run.getTask().toBuilder()
                        .setPayload(Payload.newBuilder().setReference(reference)))
                .build();
    }

    private static PayloadWanted wanted(long transfer, long attempt) {
        return PayloadWanted.newBuilder()
                .setTransfer(transfer)
                .setAttempt(attempt)
                .build();
    }

    private static void awaitEmpty(Path directory) {
        await("the files to go", () -> files(directory).isEmpty());
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            String own = "farpool-" + ProcessHandle.current().pid() + "-";
            return all.filter(path -> path.getFileName().toString().startsWith(own))
                    .toList();
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE + " for " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
