package io.farpool.bench.task;

import java.io.Serializable;
import java.util.concurrent.Callable;

/** A chunk of a map, for systems that have none of their own: each item and one more. */
public final class Increments implements Callable<long[]>, Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] items;

    /** See the class. */
    public Increments(long[] items) {
        this.items = items;
    }

    @Override
    public long[] call() {
        long[] results = new long[items.length];
        for (int i = 0; i < items.length; i++) {
            results[i] = items[i] + 1;
        }
        return results;
    }
}
