package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnsafeByteOperations;
import io.farpool.contract.Await;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.Protocol;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker process's end of the socket, over a real one. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DaemonConnectionTest {
    @TempDir
    Path directory;

    private TestDaemon daemon;
    private DaemonConnection connection;

    @BeforeEach
    void connect() throws IOException {
        daemon = new TestDaemon(directory);
        connection = daemon.connection;
    }

    @AfterEach
    void disconnect() throws IOException {
        daemon.close();
    }

    @Test
    void whoPollsGetsWhatHasComeAndWaitsForNothing() throws IOException {
        assertThat(connection.poll()).isEmpty();
        ToProcess.Builder said = ToProcess.newBuilder().setInterrupt(1);
        daemon.say(said);
        assertThat(connection.poll()).containsExactly(said.build());
        assertThat(connection.poll()).isEmpty();
    }

    @Test
    void whoReadsWaitsAlsoWhenInterrupted() throws Exception {
        FutureTask<List<ToProcess>> reading = new FutureTask<>(connection::read);
        Thread reader = new Thread(reading);
        reader.start();
        Await.until("it waits", () -> waits(reader));
        reader.interrupt();
        Await.until("the interrupt is dropped", () -> !reader.isInterrupted() && waits(reader));
        ToProcess.Builder said = ToProcess.newBuilder().setInterrupt(1);
        daemon.say(said);
        assertThat(reading.get()).containsExactly(said.build());
        reader.join();
    }

    @Test
    void aMessageThatTheDaemonIsSlowToReadIsWrittenWhole() throws Exception {
        byte[] large = new byte[Protocol.MAX_INLINE_PAYLOAD_BYTES];
        FromProcess message = FromProcess.newBuilder()
                .addOutcomes(ProcessOutcome.newBuilder()
                        .setResult(Payload.newBuilder().setInline(UnsafeByteOperations.unsafeWrap(large))))
                .build();
        FutureTask<Void> writing = new FutureTask<>(() -> {
            connection.write(message);
            connection.write(FromProcess.newBuilder().addWithdrawn(1).build());
            return null;
        });
        Thread writer = new Thread(writing);
        writer.start();
        Await.until("it waits", () -> waits(writer));
        writer.interrupt();
        List<FromProcess> heard = new ArrayList<>();
        while (heard.size() < 2) {
            heard.addAll(daemon.hear());
        }
        assertThat(heard.get(0)).isEqualTo(message);
        assertThat(heard.get(1).getWithdrawnList()).containsExactly(1L);
        writing.get();
        writer.join();
    }

    private static boolean waits(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("waitOn"));
    }

    @Test
    void whoPollsNoticesThatItsDaemonHasGone() throws IOException {
        daemon.hangUp();
        assertThatThrownBy(connection::poll).isInstanceOf(EOFException.class);
    }

    @Test
    void anExitingProcessDoesNotWaitForItsDaemonToSpeak() throws IOException {
        connection.readAway();
        connection.readAway();
    }

    @Test
    void anExitingProcessNoticesThatItsDaemonHasGone() throws IOException {
        connection.readAway();
        daemon.hangUp();
        assertThatThrownBy(connection::readAway).isInstanceOf(EOFException.class);
    }

    @Test
    void whatADaemonSaysLateIsDropped() throws IOException {
        daemon.say(ToProcess.newBuilder().setInterrupt(1));
        daemon.hangUp();
        connection.readAway();
        assertThatThrownBy(connection::readAway).isInstanceOf(EOFException.class);
    }
}
