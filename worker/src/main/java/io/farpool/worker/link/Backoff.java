package io.farpool.worker.link;

import java.util.random.RandomGenerator;

/** Waits between attempts to connect: doubling from 100 ms to 5 s, each cut by up to a half at random, so that hosts that lost one coordinator together do not come back together. Not thread-safe. */
final class Backoff {
    private static final long FIRST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 5_000;

    private final RandomGenerator random;
    private long nextMillis = FIRST_MILLIS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    long nextMillis() {
        long millis = nextMillis;
        nextMillis = Math.min(LONGEST_MILLIS, 2 * nextMillis);
        return millis / 2 + random.nextLong(millis / 2 + 1);
    }

    void reset() {
        nextMillis = FIRST_MILLIS;
    }
}
