package io.farpool.wire;

import com.google.protobuf.CodedOutputStream;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a worker process notes in memory that its daemon sees too (process.proto): which task it has started last, and outcomes
 * that it has not sent yet. Both are in the page cache, so the daemon has them however the process dies, and no message is spent on
 * it: the marker tells the task that killed its process from those that were only waiting behind it, and tasks that ended before
 * are not lost with it.
 *
 * <p>The process's side: the marker is for the task thread, outcomes are for one thread at a time. The daemon may read the marker at
 * any time, and the outcomes once the process has ended.
 */
public final class ProcessNotes {
    private static final int MARKER = 0;
    private static final int LENGTH = Long.BYTES;
    private static final int OUTCOMES = 2 * Long.BYTES;

    /** What a file is made with: room for more outcomes of short tasks than a process is ever sent tasks. */
    public static final int FILE_BYTES = 64 << 10;

    private static final int WRITTEN_AT_ONCE = 8 << 10;

    private final ByteBuffer memory;
    /** The bytes of a {@link FromProcess}; the process's alone. */
    private int length;

    /** @param memory zeros */
    public ProcessNotes(ByteBuffer memory) {
        this.memory = memory.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Makes the file, for a daemon, which maps the marker only.
     *
     * @throws IOException when it cannot be written, as when the disk is full: it is written whole, since a process that found no
     *     room for a page of it would die
     */
    public static ProcessNotes create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(WRITTEN_AT_ONCE);
            while (channel.position() < FILE_BYTES) {
                channel.write(zeros.clear());
            }
            return new ProcessNotes(channel.map(MapMode.READ_WRITE, 0, OUTCOMES));
        }
    }

    /** The file that a daemon has made, for its process. One that has no room for outcomes takes none. */
    public static ProcessNotes open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new ProcessNotes(channel.map(MapMode.READ_WRITE, 0, Math.min(channel.size(), FILE_BYTES)));
        }
    }

    /** Notes, before the task of this ordinal is called, that it starts. */
    public void started(long ordinal) {
        put(MARKER, ordinal);
    }

    /** The marker: the ordinal of the task that was started last; 0: none yet. */
    public long startedLast() {
        return get(MARKER);
    }

    /** Leaves an outcome that will be sent with others; false, and nothing is left, when there is no room for it. */
    public boolean leave(ProcessOutcome outcome) {
        int size = CodedOutputStream.computeMessageSize(FromProcess.OUTCOMES_FIELD_NUMBER, outcome);
        int at = OUTCOMES + length;
        if (size > memory.capacity() - at) {
            return false;
        }
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(memory.slice(at, size));
            out.writeMessage(FromProcess.OUTCOMES_FIELD_NUMBER, outcome);
            out.flush();
        } catch (IOException full) {
            throw new UncheckedIOException("an outcome does not have the size it says", full);
        }
        setLength(length + size);
        return true;
    }

    /** The outcomes that have been left, as the bytes of a {@link FromProcess}. */
    public ByteBuffer left() {
        return memory.slice(OUTCOMES, length);
    }

    /** All that has been left has been sent. */
    public void sent() {
        setLength(0);
    }

    private void setLength(int bytes) {
        length = bytes;
        put(LENGTH, bytes);
    }

    /** After all that was written before: whoever sees this sees that. */
    private void put(int at, long number) {
        VarHandle.fullFence();
        memory.putLong(at, number);
        VarHandle.fullFence();
    }

    private long get(int at) {
        VarHandle.fullFence();
        return memory.getLong(at);
    }

    /**
     * The outcomes that a process has left, for its daemon; once the process has ended. They may have been sent too, if it died in
     * between.
     *
     * @throws IOException when the file cannot be read, or holds no such thing: a process is user code
     */
    public static FromProcess unsent(Path file) throws IOException {
        ByteBuffer read = ByteBuffer.wrap(firstBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        long bytes = read.capacity() < OUTCOMES ? -1 : read.getLong(LENGTH);
        if (bytes < 0 || bytes > read.capacity() - OUTCOMES) {
            throw new IOException("a process has left notes of " + read.capacity() + " bytes that say that " + bytes
                    + " have not been sent, expected 0 to " + (FILE_BYTES - OUTCOMES));
        }
        FromProcess parsed = FromProcess.parseFrom(read.slice(OUTCOMES, (int) bytes));
        return FromProcess.newBuilder().addAllOutcomes(parsed.getOutcomesList()).build();
    }

    private static byte[] firstBytes(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("a process has left something else in place of its notes, expected a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(FILE_BYTES);
        }
    }
}
