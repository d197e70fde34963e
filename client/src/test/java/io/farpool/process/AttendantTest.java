package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What it does while a task runs, over a real socket. The test is the task thread, and the daemon. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AttendantTest {
    private static final int MOST_BYTES = 1_000;

    @TempDir
    Path directory;

    private ServerSocketChannel server;
    private SocketChannel daemon;
    private DaemonConnection connection;
    private Outbox outbox;
    private Inbox inbox;
    private Attendant attendant;

    @BeforeEach
    void start() throws IOException {
        Path socket = directory.resolve("socket");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        connection = DaemonConnection.open(socket);
        daemon = server.accept();
        outbox = new Outbox(connection, AttendantTest::gone);
        inbox = new Inbox(connection, outbox, new TaskThread(() -> {}), new SharedCopies(digest -> {}));
    }

    /** The end of each test. */
    private static void gone() {}

    private void startOneThatLooks() {
        attendant = new Attendant(inbox, outbox, connection, AttendantTest::gone);
        attendant.start();
    }

    /** What it does, it was woken for. */
    private void startOneThatHardlyLooks() {
        attendant = new Attendant(inbox, outbox, connection, AttendantTest::gone, TimeUnit.HOURS.toNanos(1));
        attendant.start();
    }

    @AfterEach
    void end() throws Exception {
        attendant.taskStarts();
        attendant.answerExpected(); // so that it reads, and finds its daemon gone
        daemon.close();
        server.close();
        attendant.join();
    }

    @Test
    void aLongTaskDoesNotHoldUpTheOutcomeOfAShortOne() throws IOException {
        startOneThatHardlyLooks();
        attendant.taskStarts();
        leaveOutcome(1);
        attendant.taskStarts();
        assertThat(nextOutcomes()).containsExactly(1L);
    }

    @Test
    void norDoesOneThatFollowsALongOneForWhichItReads() throws IOException {
        startOneThatLooks();
        attendant.taskStarts();
        order(7);
        Await.until("it reads, as the task is long", () -> !inbox.isEmpty());
        leaveOutcome(1);
        attendant.taskStarts();
        assertThat(nextOutcomes()).containsExactly(1L);
    }

    @Test
    void whatATaskHasAskedForIsHeard() throws IOException {
        startOneThatHardlyLooks();
        attendant.taskStarts();
        attendant.answerExpected();
        order(7);
        Await.until("it reads, as a task waits for an answer", () -> !inbox.isEmpty());
    }

    private void leaveOutcome(long ordinal) {
        boolean left = outbox.outcome(
                ProcessOutcome.newBuilder().setOrdinal(ordinal).setRunNanos(1).build(), true);
        assertThat(left).isTrue();
        attendant.outcomeLeft();
    }

    private void order(long ordinal) throws IOException {
        FrameWriter writer = new FrameWriter(daemon, MOST_BYTES);
        writer.add(ToProcess.newBuilder()
                .addRuns(RunInProcess.newBuilder().setOrdinal(ordinal))
                .build());
        writer.flush();
    }

    private List<Long> nextOutcomes() throws IOException {
        FrameReader<FromProcess> reader = new FrameReader<>(FromProcess.parser(), MOST_BYTES);
        ByteBuffer received = ByteBuffer.allocate(MOST_BYTES);
        List<Long> ordinals = new ArrayList<>();
        while (ordinals.isEmpty()) {
            reader.read(daemon, received, frame -> frame.getOutcomesList()
                    .forEach(outcome -> ordinals.add(outcome.getOrdinal())));
        }
        return ordinals;
    }
}
