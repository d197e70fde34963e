package io.farpool.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;

/**
 * Puts messages onto a channel, each preceded by its length as a varint. {@link #add} only collects, so that what is added
 * together leaves with as few writes as possible; {@link #flush} writes: everything on a blocking channel, what fits on a
 * non-blocking one.
 *
 * <p>Not thread-safe. What is added is kept until it is written: bounding it is the caller's, by {@link #pendingBytes()}.
 */
public final class FrameWriter {
    /** One write's worth. A larger heap buffer would make NIO allocate a direct one of its size. */
    private static final int STAGING_BYTES = 1 << 17;

    private interface Body {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private final WritableByteChannel channel;
    private final int maxFrameBytes;
    /** Ready to be filled, except within {@link #flush}. */
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    /** Frames that did not fit into what was left of the staging buffer, in order. */
    private final ArrayDeque<ByteBuffer> behind = new ArrayDeque<>();

    private long behindBytes;

    /**
     * @param channel where the frames go
     * @param maxFrameBytes the largest message the other end accepts
     */
    public FrameWriter(WritableByteChannel channel, int maxFrameBytes) {
        this.channel = channel;
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Collects a message for the next flush.
     *
     * @throws IllegalArgumentException when it is larger than the other end accepts; nothing is collected then
     */
    public void add(MessageLite message) {
        collect(message.getSerializedSize(), message::writeTo);
    }

    /** As {@link #add(MessageLite)}, for one whose bytes are there already. They are copied. */
    public void add(ByteBuffer message) {
        collect(message.remaining(), out -> out.write(message));
    }

    private void collect(int size, Body body) {
        if (size > maxFrameBytes) {
            throw new IllegalArgumentException("a message has " + size + " bytes, expected at most " + maxFrameBytes);
        }
        int frameBytes = CodedOutputStream.computeUInt32SizeNoTag(size) + size;
        if (behind.isEmpty() && frameBytes <= staging.remaining()) {
            encode(size, body, staging);
        } else {
            ByteBuffer frame = ByteBuffer.allocate(frameBytes);
            encode(size, body, frame);
            behind.add(frame.flip());
            behindBytes += frameBytes;
        }
    }

    /**
     * Writes what was collected.
     *
     * @return whether all of it has been written; always on a channel that blocks, unless it ceases to meanwhile
     */
    public boolean flush() throws IOException {
        while (true) {
            refill();
            if (staging.position() == 0) {
                return true;
            }
            staging.flip();
            boolean full;
            try {
                channel.write(staging);
            } finally {
                full = staging.hasRemaining();
                staging.compact();
            }
            if (full && !blocks()) {
                return false;
            }
        }
    }

    /** Such a channel may take less than it was given, too: when its process is stopped, or profiled, within a write. */
    private boolean blocks() {
        return channel instanceof SelectableChannel selectable && selectable.isBlocking();
    }

    /** How much has been collected and not yet been written. */
    public long pendingBytes() {
        return staging.position() + behindBytes;
    }

    private void refill() {
        while (!behind.isEmpty() && staging.hasRemaining()) {
            ByteBuffer frame = behind.element();
            int count = Math.min(frame.remaining(), staging.remaining());
            staging.put(frame.slice(frame.position(), count));
            frame.position(frame.position() + count);
            behindBytes -= count;
            if (!frame.hasRemaining()) {
                behind.remove();
            }
        }
    }

    private static void encode(int size, Body body, ByteBuffer into) {
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(into);
            out.writeUInt32NoTag(size);
            body.writeTo(out);
            out.flush();
        } catch (IOException full) {
            throw new UncheckedIOException("a message does not have the size it says", full);
        }
    }
}
