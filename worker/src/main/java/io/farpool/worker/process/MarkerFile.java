package io.farpool.worker.process;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file in which a process keeps the ordinal it has started last; mapped, so that a look costs a memory read. Thread-safe. */
final class MarkerFile {
    private static final VarHandle ORDINAL =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer mapped;

    private MarkerFile(ByteBuffer mapped) {
        this.mapped = mapped;
    }

    static MarkerFile create(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new MarkerFile(channel.map(MapMode.READ_WRITE, 0, Long.BYTES));
        }
    }

    /** 0: none yet. */
    long ordinal() {
        return (long) ORDINAL.getVolatile(mapped, 0);
    }
}
