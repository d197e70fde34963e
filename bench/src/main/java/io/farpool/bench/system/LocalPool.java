package io.farpool.bench.system;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The JDK's own pool of threads: nothing is serialized, nothing leaves the process. */
final class LocalPool implements Pool {
    private final ExecutorService executor;

    LocalPool(int slots) {
        executor = Executors.newFixedThreadPool(slots, task -> {
            Thread thread = new Thread(task, "local");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public <T, C extends Callable<T> & Serializable> Future<T> submit(C task) {
        return executor.submit(task);
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
