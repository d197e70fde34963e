package io.farpool.deploy.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;

/**
 * Wall clocks that can be stepped for one program and what it starts: a small library stands before the C library's. This
 * machine's clock is never touched. Needs a C compiler.
 */
final class WallClocks {
    static final String LIBRARY = "wall_clock.so";
    private static final String SOURCE = "wall_clock.c";

    private final Path library;

    private WallClocks(Path library) {
        this.library = library;
    }

    static boolean canBeStepped() {
        return Shell.succeeds("cc", "--version");
    }

    /** Makes the library there. */
    static WallClocks create(Path directory) throws IOException {
        Path source = directory.resolve(SOURCE);
        try (InputStream in = Objects.requireNonNull(WallClocks.class.getResourceAsStream(SOURCE), SOURCE)) {
            Files.copy(in, source);
        }
        Path library = directory.resolve(LIBRARY);
        Shell.run("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString(), "-ldl");
        return new WallClocks(library);
    }

    /** What a program must find in its environment for its clock to be stepped by that file. */
    Map<String, String> environment(Path clock) throws IOException {
        step(clock, 0);
        return Map.of("LD_PRELOAD", library.toString(), "FARPOOL_CHAOS_CLOCK", clock.toString());
    }

    /** The programs' clock is so many seconds ahead from now on. */
    static void step(Path clock, long seconds) throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        number.putLong(0, seconds);
        try (FileChannel file = FileChannel.open(clock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (number.hasRemaining()) {
                file.write(number);
            }
        }
    }
}
