package io.farpool.bench.floor;

import io.farpool.bench.task.Spin;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Sends back each message that comes over the Unix socket it is told to connect to. One that begins with a number greater than 0 it
 * sends back after that many nanoseconds of CPU time, and with how many have passed in place of it. Ends with that socket.
 */
final class UnixEcho {
    static final int MESSAGE_BYTES = 64;

    private UnixEcho() {}

    public static void main(String[] args) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(Path.of(args[0])));
            ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
            while (channel.read(message) >= 0) {
                if (!message.hasRemaining()) {
                    answer(channel, message);
                }
            }
        }
    }

    private static void answer(SocketChannel channel, ByteBuffer message) throws IOException {
        long cpuNanos = message.getLong(0);
        if (cpuNanos > 0) {
            message.putLong(0, new Spin(cpuNanos).call());
        }
        message.flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
        message.clear();
    }
}
