package io.farpool.worker.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.SendRequest;
import io.farpool.worker.hosting.PayloadProblem;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching and sending against a coordinator that has every payload, or says what the test wants. */
class HostPayloadsTest implements HostPayloads.Listener {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ReceiveRequest.Argument HOST = ReceiveRequest.Argument.newBuilder()
            .setHost("here")
            .setIncarnation(42)
            .build();

    private record Failed(PayloadProblem problem, String message) {}

    @TempDir
    Path directory;

    private final PayloadRelay coordinator = new PayloadRelay();
    private final Map<Long, Path> fetched = new ConcurrentHashMap<>();
    private final Map<Long, Failed> failed = new ConcurrentHashMap<>();
    private final Map<Long, String> unreadable = new ConcurrentHashMap<>();
    private Server server;
    private ManagedChannel channel;
    private HostPayloads payloads;

    @BeforeEach
    void start() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .addService(coordinator)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
        payloads = new HostPayloads(channel, () -> HOST, directory, this);
    }

    @AfterEach
    void stop() throws InterruptedException {
        payloads.close();
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void fetched(long fetch, Path file) {
        fetched.put(fetch, file);
    }

    @Override
    public void failed(long fetch, PayloadProblem problem, String message) {
        failed.put(fetch, new Failed(problem, message));
    }

    @Override
    public void unreadable(long attempt, Path file, String message) {
        unreadable.put(attempt, message);
    }

    @Test
    void aPayloadOfManyChunksBecomesAFile() throws IOException {
        byte[] bytes = bytes(5_000_000);
        payloads.fetch(1, "s", 7, coordinator.offer(7, bytes));
        assertThat(Files.readAllBytes(file(1))).isEqualTo(bytes);
        assertThat(coordinator.received)
                .containsExactly(ReceiveRequest.newBuilder()
                        .setSessionId("s")
                        .setSequence(7)
                        .setArgument(HOST)
                        .build());
    }

    @Test
    void aDroppedPayloadsFileIsRemoved() {
        payloads.fetch(1, "s", 7, coordinator.offer(7, bytes(2_000_000)));
        Path file = file(1);
        payloads.drop(1);
        await("the file to go", () -> Files.notExists(file));
    }

    @Test
    void whatPassesIsTriedAgainUntilItHasPassed() throws IOException {
        byte[] bytes = bytes(2_000_000);
        coordinator.failures.addAll(List.of(
                Status.UNAVAILABLE,
                Status.PERMISSION_DENIED,
                Status.RESOURCE_EXHAUSTED,
                Status.UNAVAILABLE,
                Status.UNAVAILABLE,
                Status.UNAVAILABLE));
        payloads.fetch(1, "s", 7, coordinator.offer(7, bytes));
        assertThat(Files.readAllBytes(file(1))).isEqualTo(bytes);
        assertThat(coordinator.received).hasSize(7);
    }

    @Test
    void damagedBytesAreFetchedAgainAndAreNeverTakenForTheRightOnes() throws IOException {
        byte[] bytes = bytes(2_000_000);
        coordinator.damages.addAll(List.of(true, true));
        payloads.fetch(1, "s", 7, coordinator.offer(7, bytes));
        assertThat(Files.readAllBytes(file(1))).isEqualTo(bytes);
        assertThat(files()).hasSize(1);
    }

    @Test
    void whatItsClientCannotReadIsGivenUpWithItsReason() throws IOException {
        for (int i = 0; i < Fetches.MAX_TRIES; i++) {
            coordinator.failures.add(Status.DATA_LOSS.withDescription("the client's disk is broken"));
        }
        payloads.fetch(1, "s", 7, coordinator.offer(7, bytes(10)));
        assertThat(problem(1)).isEqualTo(new Failed(PayloadProblem.UNREADABLE, "the client's disk is broken"));
        assertThat(files()).isEmpty();
    }

    @Test
    void whatIsNotThereIsGoneAfterASecondLook() {
        payloads.fetch(1, "s", 7, PayloadRelay.reference(bytes(10)));
        assertThat(problem(1).problem()).isEqualTo(PayloadProblem.GONE);
        assertThat(coordinator.received).hasSize(Fetches.MAX_TRIES_GONE);
    }

    @Test
    void whatHasNoRoomOnTheDiskIsAProblemOfTheDisk() {
        PayloadReference huge = PayloadRelay.reference(bytes(10)).toBuilder()
                .setSizeBytes(1L << 60)
                .build();
        payloads.fetch(1, "s", 7, huge);
        assertThat(problem(1).problem()).isEqualTo(PayloadProblem.DISK);
        assertThat(problem(1).message()).contains("no room").contains("" + (1L << 60));
        assertThat(coordinator.received).isEmpty();
    }

    /** One failed inside the other, until the stack was full. */
    @Test
    void aLongRowOfThoseThatHaveNoRoomFailsToTheLast() {
        coordinator.holds = true;
        for (int i = 1; i <= Fetches.MAX_FETCHES_OF_SESSION; i++) {
            payloads.fetch(i, "s", i, coordinator.offer(i, bytes(1_000)));
        }
        await("them to be asked for", () -> coordinator.held.size() == Fetches.MAX_FETCHES_OF_SESSION);
        coordinator.holds = false;
        PayloadReference huge = PayloadRelay.reference(bytes(10)).toBuilder()
                .setSizeBytes(1L << 60)
                .build();
        for (int i = 1; i <= 5_000; i++) {
            payloads.fetch(100 + i, "s", 100 + i, huge);
        }
        for (Runnable held = coordinator.held.poll(); held != null; held = coordinator.held.poll()) {
            held.run();
        }
        await("all to fail", () -> failed.size() == 5_000);
        assertThat(fetched).hasSize(Fetches.MAX_FETCHES_OF_SESSION);
    }

    @Test
    void aDirectoryThatIsNotThereIsAProblemOfTheDisk() throws IOException {
        PayloadReference reference = coordinator.offer(7, bytes(10));
        Files.delete(directory);
        payloads.fetch(1, "s", 7, reference.toBuilder().setSizeBytes(0).build());
        assertThat(problem(1).problem()).isEqualTo(PayloadProblem.DISK);
        Files.createDirectory(directory);
    }

    @Test
    void aSessionWithASlowClientLeavesPlacesToOthers() {
        coordinator.holds = true;
        for (int i = 1; i <= 2 * Fetches.MAX_FETCHES_OF_SESSION; i++) {
            payloads.fetch(i, "slow", i, coordinator.offer(i, bytes(1_000)));
        }
        await("the slow ones", () -> coordinator.held.size() == Fetches.MAX_FETCHES_OF_SESSION);
        coordinator.holds = false;
        payloads.fetch(100, "quick", 100, coordinator.offer(100, bytes(1_000)));
        file(100);
        assertThat(coordinator.received).hasSize(Fetches.MAX_FETCHES_OF_SESSION + 1);
        for (Runnable held = coordinator.held.poll(); held != null; held = coordinator.held.poll()) {
            held.run();
        }
        await("all", () -> fetched.size() == 2 * Fetches.MAX_FETCHES_OF_SESSION + 1);
    }

    @Test
    void aDroppedFetchEndsAndLeavesNothing() {
        coordinator.holds = true;
        payloads.fetch(1, "s", 1, coordinator.offer(1, bytes(1_000)));
        await("it to be asked for", () -> coordinator.held.size() == 1);
        payloads.drop(1);
        coordinator.holds = false;
        for (int i = 2; i <= 1 + Fetches.MAX_FETCHES_OF_SESSION; i++) {
            payloads.fetch(i, "s", i, coordinator.offer(i, bytes(1_000)));
        }
        await("the others", () -> fetched.size() == Fetches.MAX_FETCHES_OF_SESSION);
        await("the dropped one's file to be gone", () -> files().size() == Fetches.MAX_FETCHES_OF_SESSION);
        assertThat(fetched).doesNotContainKey(1L);
    }

    @Test
    void aFileIsSentToWhoeverAsks() throws IOException {
        byte[] bytes = bytes(5_000_000);
        payloads.send(9, "s", 1, fileOf(bytes));
        await("the payload", () -> coordinator.sent.containsKey(9L));
        assertThat(coordinator.sent.get(9L)).isEqualTo(bytes);
    }

    @Test
    void whatIsNotHereIsSaidToBeGone() {
        payloads.send(9, "", 1, null);
        await("the answer", () -> coordinator.gone.size() == 1);
        assertThat(coordinator.gone.values())
                .extracting(SendRequest.Gone::getUnreadable)
                .containsOnly(false);
        assertThat(unreadable).isEmpty();
    }

    /** Said to be gone only, it was waited for without end. */
    @Test
    void aFileThatHasDisappearedOrCannotBeReadIsSaidToBeUnreadableToAllWhomItConcerns() throws IOException {
        PayloadReference removed = fileOf(bytes(10));
        Files.delete(Path.of(removed.getPath()));
        Path folder = Files.createDirectory(directory.resolve("folder"));
        payloads.send(10, "s", 77, removed);
        payloads.send(
                11, "s", 78, removed.toBuilder().setPath(folder.toString()).build());
        await("both answers", () -> coordinator.gone.size() == 2 && unreadable.size() == 2);
        assertThat(coordinator.gone.values())
                .extracting(SendRequest.Gone::getUnreadable)
                .containsOnly(true);
        assertThat(unreadable).containsOnlyKeys(77L, 78L);
        assertThat(unreadable.get(77L)).contains(removed.getPath());
        payloads.send(12, "s", 79, fileOf(bytes(10)));
        await("the next", () -> coordinator.sent.containsKey(12L));
    }

    @Test
    void manyAreSentOneAfterTheOther() throws IOException {
        byte[] bytes = bytes(100_000);
        for (int i = 1; i <= 5 * Dispatches.MAX_DISPATCHES; i++) {
            payloads.send(i, "s", i, fileOf(bytes));
        }
        await("all", () -> coordinator.sent.size() == 5 * Dispatches.MAX_DISPATCHES);
        assertThat(coordinator.sent.values()).allMatch(each -> Arrays.equals(each, bytes));
    }

    @Test
    void withoutAWayToTheCoordinatorAFetchFailsAtOnce() {
        try (HostPayloads local = new HostPayloads(null, this::nobodyIsAsked, directory, this)) {
            local.fetch(1, "s", 1, PayloadReference.getDefaultInstance());
            assertThat(failed.get(1L)).isNotNull();
        }
    }

    private ReceiveRequest.Argument nobodyIsAsked() {
        throw new AssertionError("as whom to ask is of no interest: there is nobody to ask");
    }

    // ---------------------------------------------------------------------------------------------------------- words

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private PayloadReference fileOf(byte[] bytes) throws IOException {
        Path file = Files.createTempFile(directory, "r", "");
        Files.write(file, bytes);
        return PayloadRelay.reference(bytes).toBuilder()
                .setPath(file.toString())
                .build();
    }

    private Path file(long fetch) {
        await("fetch " + fetch, () -> fetched.containsKey(fetch));
        return Objects.requireNonNull(fetched.get(fetch));
    }

    private Failed problem(long fetch) {
        await("problem of " + fetch, () -> failed.containsKey(fetch));
        return Objects.requireNonNull(failed.get(fetch));
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE + " for " + what + "; failed: " + failed);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
