package io.farpool.examples;

import java.util.Locale;

/** Wall-clock time since {@link #start}, printed in seconds. */
record Elapsed(long startNanos) {
    static Elapsed start() {
        return new Elapsed(System.nanoTime());
    }

    /** Such as {@code 0.25 s}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f s", (System.nanoTime() - startNanos) / 1e9);
    }
}
