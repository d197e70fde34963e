package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameWriter;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
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

    private ServerSocketChannel server;
    private DaemonConnection connection;
    private SocketChannel daemon;

    @BeforeEach
    void connect() throws IOException {
        Path socket = directory.resolve("socket");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        connection = DaemonConnection.open(socket);
        daemon = server.accept();
    }

    @AfterEach
    void disconnect() throws IOException {
        daemon.close();
        server.close();
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
        FrameWriter late = new FrameWriter(daemon, 1_000);
        late.add(ToProcess.newBuilder().setInterrupt(1).build());
        late.flush();
        daemon.close();
        connection.readAway();
        assertThatThrownBy(connection::readAway).isInstanceOf(EOFException.class);
    }
}
