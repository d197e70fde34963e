package io.farpool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Argument checks whose messages carry the value and what was expected. */
final class Checks {
    private Checks() {}

    static int atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
        return value;
    }

    static Duration positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be more than zero");
        }
        return value;
    }

    /** A time to wait, in nanoseconds: none if it is negative; what is longer than 292 years is as good as 292 years. */
    static long saturatedNanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    static List<Path> readable(Path... classPathEntries) {
        for (Path entry : classPathEntries) {
            if (!Files.isReadable(entry)) {
                throw new IllegalArgumentException("class path entry '" + entry + "' "
                        + (Files.exists(entry) ? "cannot be read" : "is not there")
                        + "; expected a jar or a directory that this program can read");
            }
        }
        return List.of(classPathEntries);
    }
}
