package io.farpool.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a stream of bytes, however it was cut up, apart into messages: each is preceded by its length as a varint.
 *
 * <p>A frame that lies whole in what is fed is parsed where it stands; one that does not is gathered first, in an array
 * that grows with what has really arrived, so that a peer that only claims a large frame costs nothing. Messages of
 * gathered frames share that array with their byte strings instead of copying it.
 *
 * <p>Not thread-safe. After an exception the reader, and the stream it read, are of no further use.
 *
 * @param <M> the one kind of message that is expected
 */
public final class FrameReader<M extends MessageLite> {
    private static final int MAX_LENGTH_BYTES = 5;
    /** The largest payload inside a message, with its task, is not gathered twice. */
    private static final int FIRST_GATHERING_BYTES = Protocol.MAX_INLINE_PAYLOAD_BYTES + (64 << 10);

    private static final byte[] NOTHING = {};

    private final Parser<M> parser;
    private final int maxFrameBytes;

    /** What has come of a length that is not complete yet. */
    private int length;

    private int lengthBytes;

    /** The frame that is being gathered; null between frames. */
    private byte @Nullable [] gathering;

    private int gathered;

    /**
     * @param parser of the messages
     * @param maxFrameBytes the largest message that is accepted
     */
    public FrameReader(Parser<M> parser, int maxFrameBytes) {
        if (maxFrameBytes < 1) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", expected at least 1");
        }
        this.parser = parser;
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Reads once from a channel and hands on the messages that are complete with it.
     *
     * @param scratch where the bytes go first; its contents do not matter, and it may be shared by the readers of one thread
     * @return the number of bytes read; 0 from a non-blocking channel that has none now; -1 at the end of the stream
     * @throws FrameException when the bytes are not frames
     * @throws EOFException when the stream ends within a frame
     */
    public int read(ReadableByteChannel channel, ByteBuffer scratch, Consumer<? super M> messages) throws IOException {
        scratch.clear();
        int count = channel.read(scratch);
        if (count < 0 && isWithinFrame()) {
            throw new EOFException("the stream ended within a frame");
        }
        scratch.flip();
        feed(scratch, messages);
        return count;
    }

    /**
     * Takes all that remains in the buffer, and hands on the messages that are complete with it.
     *
     * @throws FrameException when the bytes are not frames; messages before the fault have been handed on
     */
    public void feed(ByteBuffer bytes, Consumer<? super M> messages) throws FrameException {
        while (bytes.hasRemaining()) {
            if (gathering != null) {
                gather(bytes, messages);
            } else if (takeLength(bytes)) {
                if (bytes.remaining() >= length) {
                    ByteBuffer frame = bytes.slice(bytes.position(), length);
                    bytes.position(bytes.position() + length);
                    messages.accept(parse(CodedInputStream.newInstance(frame)));
                } else {
                    gathering = length <= FIRST_GATHERING_BYTES ? new byte[length] : new byte[FIRST_GATHERING_BYTES];
                    gathered = 0;
                }
            }
        }
    }

    /** Whether part of a frame has come, and not yet all of it. */
    public boolean isWithinFrame() {
        return gathering != null || lengthBytes > 0;
    }

    /** True once the length is complete, in {@link #length}. */
    private boolean takeLength(ByteBuffer bytes) throws FrameException {
        if (lengthBytes == 0) {
            length = 0;
        }
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            length |= (next & 0x7f) << (7 * lengthBytes);
            lengthBytes++;
            if (next >= 0) {
                // The fifth byte of a length that fits an int has at most its low three bits set.
                if (length < 0 || length > maxFrameBytes || (lengthBytes == MAX_LENGTH_BYTES && next > 7)) {
                    throw new FrameException("a frame of " + Integer.toUnsignedString(length)
                            + " bytes is announced, expected at most " + maxFrameBytes);
                }
                lengthBytes = 0;
                return true;
            }
            if (lengthBytes == MAX_LENGTH_BYTES) {
                throw new FrameException("a frame's length has more than " + MAX_LENGTH_BYTES + " bytes");
            }
        }
        return false;
    }

    private void gather(ByteBuffer bytes, Consumer<? super M> messages) throws FrameException {
        byte[] array = gathering == null ? NOTHING : gathering;
        if (gathered == array.length) {
            array = Arrays.copyOf(array, (int) Math.min(length, array.length * 4L));
            gathering = array;
        }
        int count = Math.min(bytes.remaining(), array.length - gathered);
        bytes.get(array, gathered, count);
        gathered += count;
        if (gathered == length) {
            gathering = null;
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(array).newCodedInput();
            in.enableAliasing(true);
            messages.accept(parse(in));
        }
    }

    private M parse(CodedInputStream in) throws FrameException {
        try {
            in.setSizeLimit(Integer.MAX_VALUE);
            M message = parser.parseFrom(in);
            in.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException malformed) {
            throw new FrameException("a frame of " + length + " bytes holds no message", malformed);
        }
    }
}
