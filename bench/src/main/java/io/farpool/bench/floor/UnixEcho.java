package io.farpool.bench.floor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Sends back the bytes that come over the Unix socket it is told to connect to. Ends with that socket. */
final class UnixEcho {
    static final int MESSAGE_BYTES = 64;

    private UnixEcho() {}

    public static void main(String[] args) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(Path.of(args[0])));
            ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
            while (channel.read(message) >= 0) {
                if (!message.hasRemaining()) {
                    exchangeBack(channel, message);
                }
            }
        }
    }

    private static void exchangeBack(SocketChannel channel, ByteBuffer message) throws IOException {
        message.flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
        message.clear();
    }
}
