package io.farpool.bench.system;

import io.farpool.MapOptions;
import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteFunction;
import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Farpool, embedded or on a cluster. */
final class FarpoolPool implements Pool {
    private final PoolExecutor executor;

    /** {@code coordinator}: null for an embedded pool. */
    FarpoolPool(@Nullable String coordinator, int slots) {
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder().maxWorkers(slots);
        executor = coordinator == null
                ? builder.build()
                : builder.coordinator(coordinator).build();
    }

    @Override
    public <T, C extends Callable<T> & Serializable> Future<T> submit(C task) {
        Callable<T> callable = task;
        return executor.submit(callable);
    }

    @Override
    public long map(int items, int chunkSize) {
        RemoteFunction<Long, Long> increment = item -> item + 1;
        Iterable<Long> inputs = () -> LongStream.range(0, items).iterator();
        long sum = 0;
        for (long result : executor.map(increment, inputs, MapOptions.defaults().chunkSize(chunkSize))) {
            sum += result;
        }
        return sum;
    }

    @Override
    public void close() {
        executor.close();
    }
}
