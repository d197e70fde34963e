package io.farpool.process;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The ordinal of the task this process has started last, in memory that the daemon sees too (process.proto).
 *
 * <p>It is what tells the task that killed its process from those that were only waiting behind it, at the cost of one
 * store a task: the store is in the page cache when the process dies, however it dies.
 */
final class StartMarker {
    private static final VarHandle ORDINAL =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MappedByteBuffer memory;

    private StartMarker(MappedByteBuffer memory) {
        this.memory = memory;
    }

    static StartMarker map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new StartMarker(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
        }
    }

    /** Says that the task of this ordinal starts now. */
    void started(long ordinal) {
        ORDINAL.setVolatile((ByteBuffer) memory, 0, ordinal);
    }
}
