package io.farpool.process;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The socket to the daemon: frames in, for whoever has the reading role in {@link Inbox}, and frames out, under {@link Outbox}'s lock. */
final class DaemonConnection implements Inbox.Source, Outbox.Sink {
    private static final int RECEIVE_BYTES = 1 << 17;

    private final SocketChannel channel;
    private final FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), Protocol.MAX_FRAME_BYTES);
    private final FrameWriter writer;
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);

    private DaemonConnection(SocketChannel channel) {
        this.channel = channel;
        this.writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
    }

    static DaemonConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new DaemonConnection(channel);
    }

    @Override
    public List<ToProcess> read() throws IOException {
        List<ToProcess> frames = new ArrayList<>(1);
        while (frames.isEmpty()) {
            read(frames::add);
        }
        return frames;
    }

    /** Nothing is written meanwhile: it would be written in part. */
    @Override
    public synchronized List<ToProcess> poll() throws IOException {
        List<ToProcess> frames = new ArrayList<>(1);
        channel.configureBlocking(false);
        try {
            read(frames::add);
        } finally {
            channel.configureBlocking(true);
        }
        return frames;
    }

    private void read(Consumer<ToProcess> frames) throws IOException {
        if (reader.read(channel, received, frames) < 0) {
            throw new EOFException("the daemon closed its socket");
        }
    }

    /**
     * Drops what has come, without waiting for more: for a process that exits, since a JVM that does waits 0.3 s for threads that
     * are inside a system call. From here on nothing can be waited for.
     *
     * @throws EOFException when the daemon has gone
     */
    void readAway() throws IOException {
        channel.configureBlocking(false);
        read(dropped -> {});
    }

    /** {@inheritDoc} A message too large for a frame throws {@link IllegalArgumentException} and nothing is written. */
    @Override
    public synchronized void write(MessageLite frame) throws IOException {
        writer.add(frame);
        writer.flush();
    }

    /** {@inheritDoc} The same holds for one whose bytes are there already. */
    @Override
    public synchronized void write(ByteBuffer frame) throws IOException {
        writer.add(frame);
        writer.flush();
    }
}
