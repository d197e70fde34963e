package io.farpool.contract;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenProcessPoolException;
import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** The contract, kept by worker processes on this machine. */
class ProcessPoolContractIT {
    private static final Backend PROCESSES = new Backend() {
        @Override
        public PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer) {
            return ProcessPoolExecutor.builder()
                    .maxWorkers(workers)
                    .initializer(initializer)
                    .build();
        }

        @Override
        public boolean processes() {
            return true;
        }

        @Override
        public Class<? extends BrokenExecutorException> brokenException() {
            return BrokenProcessPoolException.class;
        }
    };

    @Nested
    class Construction extends ConstructionContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Submit extends SubmitContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Future extends FutureContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Wait extends WaitContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class AsCompleted extends AsCompletedContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Map extends MapContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Options extends OptionsContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }

    @Nested
    class Shutdown extends ShutdownContract {
        @Override
        protected Backend backend() {
            return PROCESSES;
        }
    }
}
