package io.farpool.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The daemon's end of a worker process's socket, for a test that speaks in its place. */
final class TestDaemon implements AutoCloseable {
    private static final int MOST_BYTES = 1_000;

    /** The other end. */
    final DaemonConnection connection;

    private final ServerSocketChannel server;
    private final SocketChannel channel;
    private final FrameWriter writer;
    private final FrameReader<FromProcess> reader = new FrameReader<>(FromProcess.parser(), Protocol.MAX_FRAME_BYTES);
    private final ByteBuffer received = ByteBuffer.allocate(MOST_BYTES);

    /** @param directory of the test's own, for the socket */
    TestDaemon(Path directory) throws IOException {
        Path socket = directory.resolve("socket");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        connection = DaemonConnection.open(socket);
        channel = server.accept();
        writer = new FrameWriter(channel, MOST_BYTES);
    }

    void say(ToProcess.Builder message) throws IOException {
        writer.add(message.build());
        writer.flush();
    }

    /** The next frames; at least one. */
    List<FromProcess> hear() throws IOException {
        List<FromProcess> frames = new ArrayList<>();
        while (frames.isEmpty()) {
            if (reader.read(channel, received, frames::add) < 0) {
                throw new EOFException("the process has closed its socket");
            }
        }
        return frames;
    }

    /** Its process is to find it gone. */
    void hangUp() throws IOException {
        channel.close();
        server.close();
    }

    /** Both ends. */
    @Override
    public void close() throws IOException {
        hangUp();
        connection.close();
    }
}
