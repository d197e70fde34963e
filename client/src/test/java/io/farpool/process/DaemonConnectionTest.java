package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.contract.Await;
import io.farpool.proto.v1.ToProcess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
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
    void whoReadsAfterThatWaitsAgain() throws Exception {
        assertThat(connection.poll()).isEmpty();
        FutureTask<List<ToProcess>> reading = new FutureTask<>(connection::read);
        Thread reader = new Thread(reading);
        reader.start();
        Await.until("it reads", () -> isInRead(reader));
        reader.interrupt(); // a read that waits for nothing would not notice
        assertThatThrownBy(reading::get).hasCauseInstanceOf(ClosedByInterruptException.class);
        reader.join();
    }

    private static boolean isInRead(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(
                        frame -> frame.isNativeMethod() && frame.getMethodName().startsWith("read"));
    }

    @Test
    void whoPollsNoticesThatItsDaemonHasGone() throws IOException {
        daemon.close();
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
        daemon.close();
        assertThatThrownBy(connection::readAway).isInstanceOf(EOFException.class);
    }

    @Test
    void whatADaemonSaysLateIsDropped() throws IOException {
        daemon.say(ToProcess.newBuilder().setInterrupt(1));
        daemon.close();
        connection.readAway();
        assertThatThrownBy(connection::readAway).isInstanceOf(EOFException.class);
    }
}
