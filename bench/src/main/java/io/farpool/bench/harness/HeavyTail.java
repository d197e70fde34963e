package io.farpool.bench.harness;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Task lengths of which a few make up most of the time: Pareto's distribution, cut off at both ends. The same every time. */
final class HeavyTail {
    private static final long SEED = 20_261_121;
    private static final double SHORTEST_MICROS = 1_000;
    /** The smaller, the heavier the tail: with this one the longest tenth makes up more than half of the time. */
    private static final double SHAPE = 0.5;

    /** In the order of submission. */
    private final long[] micros;

    private final long longestMicros;

    /** Of these lengths, cut off at the longest. */
    HeavyTail(long[] micros, long longestMicros) {
        this.micros = micros.clone();
        this.longestMicros = longestMicros;
    }

    static HeavyTail of(int count, long longestMicros) {
        SplittableRandom random = new SplittableRandom(SEED);
        long[] micros = new long[count];
        double cut = 1 - Math.pow(SHORTEST_MICROS / longestMicros, SHAPE);
        for (int i = 0; i < count; i++) {
            micros[i] = Math.round(SHORTEST_MICROS / Math.pow(1 - random.nextDouble() * cut, 1 / SHAPE));
        }
        return new HeavyTail(micros, longestMicros);
    }

    long[] micros() {
        return micros.clone();
    }

    int count() {
        return micros.length;
    }

    String list() {
        return Arrays.stream(micros).mapToObj(Long::toString).collect(Collectors.joining(","));
    }

    String describe() {
        return "1 ms to " + longestMicros / 1_000 + " ms, Pareto with shape " + SHAPE + ", " + seconds(micros)
                + " s in all, seed " + SEED;
    }

    private static long seconds(long[] micros) {
        return Math.round(Arrays.stream(micros).sum() / 1e6);
    }

    /** How long they take on so many slots, each of which takes the next one as soon as it is free. */
    double idealSeconds(int slots) {
        PriorityQueue<Long> free = new PriorityQueue<>();
        for (int i = 0; i < slots; i++) {
            free.add(0L);
        }
        long end = 0;
        for (long each : micros) {
            Long start = free.remove();
            end = Math.max(end, start + each);
            free.add(start + each);
        }
        return end / 1e6;
    }
}
