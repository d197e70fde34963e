package io.farpool.process;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The socket to the daemon: frames in, for whoever has the reading role in {@link Inbox}, and frames out, under {@link Outbox}'s lock.
 *
 * <p>What is waited for is that the socket can be read, or written: it never blocks itself. Linux wakes a thread that is blocked in
 * a read of a Unix socket also when the other end has read what was written into it, so that each outcome had the task thread
 * woken for nothing, before the daemon, on the same core, went on with the outcome. Nor does an interrupt close a socket that nobody
 * is blocked on: a task may interrupt any thread of its process.
 */
final class DaemonConnection implements Inbox.Source, Outbox.Sink, Closeable {
    private static final int RECEIVE_BYTES = 1 << 17;

    private final SocketChannel channel;
    /** Both are opened at once: later, tasks may have used up the process's file descriptors. */
    private final Selector readable;

    private final Selector writable;
    private final FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), Protocol.MAX_FRAME_BYTES);
    private final FrameWriter writer;
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);

    private DaemonConnection(SocketChannel channel) throws IOException {
        this.channel = channel;
        this.writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
        channel.configureBlocking(false);
        readable = waitingFor(SelectionKey.OP_READ);
        writable = waitingFor(SelectionKey.OP_WRITE);
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
            waitOn(readable);
            read(frames::add);
        }
        return frames;
    }

    @Override
    public List<ToProcess> poll() throws IOException {
        List<ToProcess> frames = new ArrayList<>(1);
        read(frames::add);
        return frames;
    }

    private void read(Consumer<ToProcess> frames) throws IOException {
        if (reader.read(channel, received, frames) < 0) {
            throw new EOFException("the daemon closed its socket");
        }
    }

    /**
     * Drops what has come, without waiting for more: for a process that exits, since a JVM that does waits 0.3 s for threads that
     * are inside a system call.
     *
     * @throws EOFException when the daemon has gone
     */
    void readAway() throws IOException {
        read(dropped -> {});
    }

    /** {@inheritDoc} A message too large for a frame throws {@link IllegalArgumentException} and nothing is written. */
    @Override
    public synchronized void write(MessageLite frame) throws IOException {
        writer.add(frame);
        flush();
    }

    /** {@inheritDoc} The same holds for one whose bytes are there already. */
    @Override
    public synchronized void write(ByteBuffer frame) throws IOException {
        writer.add(frame);
        flush();
    }

    private void flush() throws IOException {
        while (!writer.flush()) {
            waitOn(writable);
        }
    }

    /** A worker process does without: it ends with its connection. */
    @Override
    public void close() throws IOException {
        readable.close();
        writable.close();
        channel.close();
    }

    private Selector waitingFor(int operation) throws IOException {
        Selector selector = Selector.open();
        channel.register(selector, operation);
        return selector;
    }

    /** An interrupt is dropped: it would end every wait that follows. */
    private static void waitOn(Selector selector) throws IOException {
        selector.select(ready -> {});
        Thread.interrupted();
    }
}
