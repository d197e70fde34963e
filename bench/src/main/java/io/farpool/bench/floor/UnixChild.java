package io.farpool.bench.floor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A child process at the other end of a Unix socket, see {@link UnixEcho}. For one thread. */
final class UnixChild implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer message = ByteBuffer.allocateDirect(UnixEcho.MESSAGE_BYTES);

    /** Starts it. */
    UnixChild(Children children) throws IOException {
        Path directory = Files.createTempDirectory("floor");
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Process ignored = children.start(UnixEcho.class, List.of(), path.toString());
            channel = server.accept();
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }

    /** Has it use so many nanoseconds of CPU time, and answer. */
    void send(long cpuNanos) throws IOException {
        message.clear();
        message.putLong(0, cpuNanos);
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    /** Waits for its next answer: the nanoseconds that passed meanwhile. */
    long receive() throws IOException {
        message.clear();
        while (message.hasRemaining()) {
            if (channel.read(message) < 0) {
                throw new IOException("the child has ended");
            }
        }
        return message.getLong(0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
