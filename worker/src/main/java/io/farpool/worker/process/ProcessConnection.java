package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * A worker process's end of the socket, as the daemon holds it. Read by the loop's thread only; written by whichever thread
 * has something to send, directly, so that a frame costs no hop, and by the loop's thread what did not fit at once.
 */
final class ProcessConnection {

    final long acceptedNanos = System.nanoTime();
    private final SocketChannel channel;
    private final SelectionKey key;
    private final FrameWriter writer;
    private final FrameReader<FromProcess> reader = new FrameReader<>(FromProcess.parser(), Protocol.MAX_FRAME_BYTES);
    /** 0 until its token has been checked. */
    private long process;

    private boolean closed;
    /** A frame has not been sent, and none is after it. */
    private boolean mute;

    ProcessConnection(SocketChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
        this.key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    long process() {
        return process;
    }

    void belongsTo(long identified) {
        this.process = identified;
    }

    /** As {@link FrameReader#read}. */
    int read(ByteBuffer scratch, Consumer<FromProcess> frames) throws IOException {
        return reader.read(channel, scratch, frames);
    }

    /**
     * Writes what the socket takes now, and leaves the rest to the loop. Never blocks.
     *
     * @throws IllegalArgumentException when the message is too large for a frame: then nothing is sent any more
     */
    synchronized void send(ToProcess message) throws IOException {
        if (closed || mute) {
            return;
        }
        boolean behind = writer.pendingBytes() > 0;
        try {
            writer.add(message);
        } catch (IllegalArgumentException tooLarge) {
            mute = true;
            throw tooLarge;
        }
        if (!behind && !writer.flush()) {
            whenWritable(true);
        }
    }

    /** The socket takes more. */
    synchronized void writable() throws IOException {
        if (!closed && writer.flush()) {
            whenWritable(false);
        }
    }

    synchronized void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // Nobody is left to tell.
        }
    }

    private void whenWritable(boolean wanted) {
        try {
            if (wanted) {
                key.interestOpsOr(SelectionKey.OP_WRITE);
                key.selector().wakeup();
            } else {
                key.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
        } catch (CancelledKeyException closedMeanwhile) {
            // The loop has told of it.
        }
    }
}
