package io.farpool.contract;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenThreadPoolException;
import io.farpool.PoolExecutor;
import io.farpool.RemoteFunction;
import io.farpool.RemoteRunnable;
import io.farpool.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** The contract, kept by local threads. */
class ThreadPoolContractTest extends WholeContract {
    @Override
    protected Backend backend() {
        return new Backend() {
            @Override
            public PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer) {
                return ThreadPoolExecutor.builder()
                        .maxWorkers(workers)
                        .initializer(initializer)
                        .build();
            }

            @Override
            public <A> PoolExecutor newPool(int workers, RemoteFunction<? super A, ?> initializer, A argument) {
                return ThreadPoolExecutor.builder()
                        .maxWorkers(workers)
                        .initializer(initializer, argument)
                        .build();
            }

            @Override
            public boolean processes() {
                return false;
            }

            @Override
            public Class<? extends BrokenExecutorException> brokenException() {
                return BrokenThreadPoolException.class;
            }
        };
    }
}
