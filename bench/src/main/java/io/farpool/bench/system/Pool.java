package io.farpool.bench.system;

import io.farpool.bench.task.Increments;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** What the workloads ask of a system. For one thread. */
public interface Pool extends AutoCloseable {

    /** Hands in a task. */
    <T, C extends Callable<T> & Serializable> Future<T> submit(C task);

    /**
     * Maps the numbers below {@code items} to the next ones, so many in a task, and gives the sum of the results. Systems that
     * have a {@code map} of their own use it.
     */
    default long map(int items, int chunkSize) throws Exception {
        ArrayDeque<Future<long[]>> chunks = new ArrayDeque<>();
        for (int from = 0; from < items; from += chunkSize) {
            long[] chunk = new long[Math.min(chunkSize, items - from)];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = (long) from + i;
            }
            chunks.add(submit(new Increments(chunk)));
        }
        long sum = 0;
        while (!chunks.isEmpty()) {
            for (long result : chunks.remove().get()) {
                sum += result;
            }
        }
        return sum;
    }

    /** Hands in all of them, and waits for all results, in order. */
    default <T, C extends Callable<T> & Serializable> List<T> all(Iterable<C> tasks) throws Exception {
        ArrayDeque<Future<T>> futures = new ArrayDeque<>();
        for (C task : tasks) {
            futures.add(submit(task));
        }
        List<T> results = new ArrayList<>(futures.size());
        while (!futures.isEmpty()) {
            results.add(futures.remove().get());
        }
        return results;
    }
}
