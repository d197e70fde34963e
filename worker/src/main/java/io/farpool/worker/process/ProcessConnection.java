package io.farpool.worker.process;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.wire.FrameReader;
import io.farpool.wire.FrameWriter;
import io.farpool.wire.Protocol;
import io.farpool.worker.socket.SocketLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker process's end of the socket, as the daemon holds it. Read by the loop's thread only; written by whichever thread
 * has something to send, directly, so that a frame costs no hop, and by the loop's thread what did not fit at once.
 */
final class ProcessConnection {

    final long acceptedNanos = System.nanoTime();
    private final SocketChannel channel;
    private final FrameWriter writer;
    private final FrameReader<FromProcess> reader = new FrameReader<>(FromProcess.parser(), Protocol.MAX_FRAME_BYTES);
    private SocketLoop.@Nullable Registration registration;
    /** 0 until its token has been checked. */
    private long process;
    /** What waits for its turn while something before it is held up; null: nothing is. The loop's thread's. */
    private @Nullable ArrayDeque<Runnable> waiting;
    /** Nothing more is taken of what it says. The loop's thread's. */
    private boolean deaf;
    /** What waits is not heard either. The loop's thread's. */
    private boolean ignored;

    private boolean reading = true;
    /** Its other end is gone. What it has said is still to be read. */
    private boolean unwritable;

    private boolean closed;
    /** A frame has not been sent, and none is after it. */
    private boolean mute;

    ProcessConnection(SocketChannel channel) {
        this.channel = channel;
        this.writer = new FrameWriter(channel, Protocol.MAX_FRAME_BYTES);
    }

    /** Has a loop wait for its channel. */
    void waitOn(SocketLoop loop, SocketLoop.Ready ready) throws IOException {
        channel.configureBlocking(false);
        registration = loop.register(channel, SelectionKey.OP_READ, ready);
    }

    long process() {
        return process;
    }

    void belongsTo(long identified) {
        this.process = identified;
    }

    /** Whether what it says is taken. */
    boolean isTaken() {
        return !deaf;
    }

    /** Nothing that it says from now on is taken. What it has said before is heard in its turn. */
    void takeNoMore() {
        deaf = true;
    }

    boolean isIgnored() {
        return ignored;
    }

    /** Nothing that it says from now on is taken, and what waits is not to be heard. */
    void ignore() {
        deaf = true;
        ignored = true;
    }

    /** Runs this now; or, while something before it is held up, after that. */
    void inTurn(Runnable step) {
        if (waiting == null) {
            step.run();
        } else {
            waiting.add(step);
        }
    }

    /** Holds up what comes from now on, and has the loop read nothing more. */
    void hold() {
        waiting = new ArrayDeque<>();
        reading(false);
    }

    /**
     * What has waited is due, up to the next step that holds up the others; then it is read again. A step that throws keeps no
     * other from its turn; the first exception is thrown in the end.
     */
    void release() {
        ArrayDeque<Runnable> due = waiting == null ? new ArrayDeque<>() : waiting;
        waiting = null;
        Throwable first = null;
        while (!due.isEmpty() && waiting == null) {
            try {
                due.remove().run();
            } catch (RuntimeException | Error bug) {
                first = first == null ? bug : first;
            }
        }
        if (waiting == null) {
            reading(true);
        } else {
            waiting.addAll(due);
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private synchronized void reading(boolean wanted) {
        reading = wanted;
        awaitWhatIsWanted();
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
        if (closed || mute || unwritable) {
            return;
        }
        boolean behind = writer.pendingBytes() > 0;
        try {
            writer.add(message);
        } catch (IllegalArgumentException tooLarge) {
            mute = true;
            throw tooLarge;
        }
        if (!behind && !flush()) {
            awaitWhatIsWanted();
        }
    }

    /** The socket takes more. */
    synchronized void writable() throws IOException {
        if (!closed && !unwritable && flush()) {
            awaitWhatIsWanted();
        }
    }

    private boolean flush() throws IOException {
        try {
            return writer.flush();
        } catch (IOException broken) {
            unwritable = true;
            awaitWhatIsWanted();
            throw broken;
        }
    }

    /** Called by the loop's thread. */
    synchronized void close() {
        closed = true;
        if (registration != null) {
            registration.cancel();
        }
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // Nobody is left to tell.
        }
    }

    private void awaitWhatIsWanted() {
        if (registration != null && !closed) {
            boolean writing = !unwritable && writer.pendingBytes() > 0;
            registration.await((reading ? SelectionKey.OP_READ : 0) | (writing ? SelectionKey.OP_WRITE : 0));
        }
    }
}
