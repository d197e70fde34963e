package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessHello;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import io.farpool.worker.socket.TestLoop;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Real sockets, on both kinds of loop; at their other ends is the test instead of processes. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class ProcessSocketsTest {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    /** What is to be done on a disk, which the test is. */
    private final BlockingQueue<Runnable> disk = new LinkedBlockingQueue<>();

    private volatile boolean full;
    private Duration patience = Admission.PATIENCE;

    @Parameter
    private TestLoop.Kind kind;

    private TestLoop loop;
    private DaemonDirectory directory;
    private ProcessSockets sockets;

    @BeforeEach
    void start() throws IOException {
        loop = kind.start();
        directory = DaemonDirectory.create();
        open();
    }

    private void open() throws IOException {
        sockets = ProcessSockets.open(
                loop.loop(),
                this::onDisk,
                directory.socket(),
                patience,
                new PayloadClaims(directory),
                new ProcessSockets.Listener() {
                    @Override
                    public void said(List<Said> frames) {
                        frames.forEach(frame -> heard.add(frame.process() + " " + shown(frame.message())));
                    }

                    @Override
                    public void disconnected(long process) {
                        heard.add(process + " disconnected");
                    }
                });
    }

    private void onDisk(Runnable work) {
        if (full) {
            throw new OutOfMemoryError("no thread is left for it, as the test wants it");
        }
        disk.add(work);
    }

    private static String shown(FromProcess message) {
        if (message.hasHello()) {
            return "hello";
        }
        ProcessOutcome outcome = message.getOutcomes(0);
        return outcome.getOrdinal() + (outcome.getResult().hasReference() ? " as a file" : "");
    }

    @AfterEach
    void close() {
        sockets.close();
        loop.close();
        directory.remove();
    }

    private SocketChannel connect(long process) throws IOException, InterruptedException {
        sockets.expect("token " + process, process);
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.socket()));
        say(
                channel,
                FromProcess.newBuilder()
                        .setHello(ProcessHello.newBuilder().setToken("token " + process))
                        .build());
        assertThat(next()).isEqualTo(process + " hello");
        return channel;
    }

    private static void say(SocketChannel channel, FromProcess... messages) throws IOException {
        FrameWriter writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
        for (FromProcess message : messages) {
            writer.add(message);
        }
        writer.flush();
    }

    private String next() throws InterruptedException {
        return heard.poll(30, TimeUnit.SECONDS);
    }

    private void assertThatItFinishesWithoutAnotherWord() throws InterruptedException {
        CountDownLatch finished = new CountDownLatch(1);
        sockets.finish("token 1", 1, finished::countDown);
        assertThat(finished.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).isEmpty();
    }

    private static FromProcess result(long ordinal) {
        return outcome(
                ordinal,
                Payload.newBuilder().setInline(ByteString.copyFromUtf8("r")).build());
    }

    private static FromProcess outcome(long ordinal, Payload payload) {
        return FromProcess.newBuilder()
                .addOutcomes(ProcessOutcome.newBuilder().setOrdinal(ordinal).setResult(payload))
                .build();
    }

    /** One that is in a file of the process. */
    private FromProcess resultInAFile(long process, long ordinal) throws IOException {
        Path file = directory.payloadsOf(process).resolve("result " + ordinal);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "r");
        return outcome(
                ordinal,
                Payload.newBuilder()
                        .setReference(PayloadReference.newBuilder()
                                .setPath(file.toString())
                                .setSizeBytes(1))
                        .build());
    }

    /** All that comes until the connection ends, or until that many have come. */
    private static List<ToProcess> read(SocketChannel channel, int most) throws IOException {
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), Protocol.MAX_FRAME_BYTES);
        ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
        List<ToProcess> frames = new ArrayList<>();
        while (frames.size() < most && reader.read(channel, scratch, frames::add) >= 0) {}
        return frames;
    }

    private static ToProcess named(String name) {
        return ToProcess.newBuilder()
                .addRuns(RunInProcess.newBuilder().setOrdinal(1).setName(name))
                .build();
    }

    @Test
    void aFrameThatIsTooLargeEndsItsProcessAndNoOther() throws IOException, InterruptedException {
        ToProcess small = named("small");
        ToProcess large = named("n".repeat(Protocol.MAX_FRAME_BYTES));
        try (SocketChannel one = connect(1);
                SocketChannel two = connect(2)) {
            sockets.send(1, small);
            sockets.send(1, large);
            sockets.send(1, small);
            sockets.send(2, small);
            assertThat(next()).isEqualTo("1 disconnected");
            assertThat(read(one, Integer.MAX_VALUE))
                    .as("nothing comes after what is missing")
                    .containsExactly(small);
            assertThat(read(two, 1)).containsExactly(small);
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void whatAProcessDoesNotReadYetWaitsForItAndDelaysNoOther() throws IOException, InterruptedException {
        int frames = 100; // far more than a socket takes
        ToProcess large = named("n".repeat(1 << 16));
        ToProcess small = named("small");
        try (SocketChannel one = connect(1);
                SocketChannel two = connect(2)) {
            for (int i = 0; i < frames; i++) {
                sockets.send(1, large);
            }
            sockets.send(1, small);
            say(two, result(7));
            assertThat(next()).isEqualTo("2 7");
            List<ToProcess> arrived = read(one, frames + 1);
            assertThat(arrived.subList(0, frames)).allMatch(large::equals);
            assertThat(arrived.get(frames)).isEqualTo(small);
        }
    }

    @Test
    void closingEndsConnectionsAndNotTheLoop() throws IOException, InterruptedException {
        try (SocketChannel channel = connect(1)) {
            sockets.close();
            assertThat(read(channel, 1)).isEmpty();
        }
        CountDownLatch after = new CountDownLatch(1);
        loop.loop().execute(after::countDown);
        assertThat(after.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatNamesAFileIsHeardInItsPlaceOnceTheDiskHasDoneItsPart() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1);
                SocketChannel two = connect(2)) {
            say(one, result(1), resultInAFile(1, 2), result(3), resultInAFile(1, 4), result(5));
            Runnable claimSecond = disk.poll(30, TimeUnit.SECONDS);
            assertThat(next()).isEqualTo("1 1");
            say(two, result(1));
            assertThat(next()).as("of another process, meanwhile").isEqualTo("2 1");
            claimSecond.run();
            Runnable claimFourth = disk.poll(30, TimeUnit.SECONDS);
            assertThat(List.of(next(), next())).containsExactly("1 2 as a file", "1 3");
            assertThat(heard).isEmpty();
            CountDownLatch finished = new CountDownLatch(1);
            sockets.finish("token 1", 1, finished::countDown);
            claimFourth.run();
            assertThat(finished.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(List.of(next(), next())).containsExactly("1 4 as a file", "1 5");
            assertThat(read(one, 1)).as("of a connection that is closed").isEmpty();
        }
    }

    @Test
    void aProcessIsReadAgainAfterItsFileIsClaimed() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1)) {
            say(one, resultInAFile(1, 1));
            disk.take().run();
            assertThat(next()).isEqualTo("1 1 as a file");
            say(one, result(2));
            assertThat(next()).isEqualTo("1 2");
        }
        assertThat(next()).isEqualTo("1 disconnected");
    }

    @Test
    void whatWasSaidIsHeardBeforeTheEndOfAProcessThatCannotBeWrittenToAnyMore()
            throws IOException, InterruptedException {
        SocketChannel one = connect(1);
        say(one, resultInAFile(1, 1));
        Runnable claim = disk.take();
        for (int i = 0; i < 100; i++) {
            sockets.send(1, named("n".repeat(1 << 16)));
        }
        say(one, result(2));
        one.close();
        sockets.finish("token 1", 1, () -> heard.add("1 finished"));
        claim.run();
        assertThat(List.of(next(), next(), next())).containsExactly("1 1 as a file", "1 2", "1 finished");
    }

    @Test
    void whatCameBeforeAnEmptyOutcomeIsHeardAndNothingAfterIt() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1)) {
            say(one, resultInAFile(1, 1), result(2), outcome(3, Payload.getDefaultInstance()), result(4));
            disk.take().run();
            assertThat(List.of(next(), next(), next())).containsExactly("1 1 as a file", "1 2", "1 disconnected");
            assertThat(read(one, 1)).isEmpty();
        }
        assertThatItFinishesWithoutAnotherWord();
    }

    @Test
    void aProcessWhoseFileNobodyCanClaimIsToldToBeGone() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1)) {
            full = true;
            say(one, result(1), resultInAFile(1, 2), result(3));
            assertThat(List.of(next(), next())).containsExactly("1 1", "1 disconnected");
            assertThatItFinishesWithoutAnotherWord();
        }
    }

    @Test
    void nothingIsHeardAfterAFileThatIsNotThere() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1)) {
            FromProcess named = resultInAFile(1, 1);
            Files.delete(Path.of(named.getOutcomes(0).getResult().getReference().getPath()));
            say(one, named, result(2));
            disk.take().run();
            assertThat(next()).isEqualTo("1 disconnected");
            assertThat(read(one, 1)).isEmpty();
            assertThat(heard).isEmpty();
        }
    }

    /** Else a process's exit would not be told, should the loop end before the daemon does. */
    @Test
    void aProcessIsFinishedWithWhenTheLoopHasEnded() throws IOException, InterruptedException {
        try (SocketChannel one = connect(1)) {
            say(one, result(1));
            assertThat(next()).isEqualTo("1 1");
            loop.close();
            assertThatItFinishesWithoutAnotherWord();
        }
    }

    @Test
    void whoDoesNotSayWhoItIsIsSentAway() throws IOException {
        sockets.close();
        Files.delete(directory.socket());
        patience = Duration.ZERO;
        open();
        try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(directory.socket()))) {
            stranger.configureBlocking(false);
            while (stranger.read(ByteBuffer.allocate(1)) >= 0) {
                sockets.look();
                Thread.onSpinWait();
            }
        }
    }
}
