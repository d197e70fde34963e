package io.farpool.contract;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenThreadPoolException;
import io.farpool.PoolExecutor;
import io.farpool.RemoteRunnable;
import io.farpool.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** The contract, kept by local threads. */
class ThreadPoolContractTest {
    private static final Backend THREADS = new Backend() {
        @Override
        public PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer) {
            return ThreadPoolExecutor.builder()
                    .maxWorkers(workers)
                    .initializer(initializer)
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

    @Nested
    class Construction extends ConstructionContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Submit extends SubmitContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Future extends FutureContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Wait extends WaitContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class AsCompleted extends AsCompletedContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Map extends MapContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Options extends OptionsContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }

    @Nested
    class Shutdown extends ShutdownContract {
        @Override
        protected Backend backend() {
            return THREADS;
        }
    }
}
