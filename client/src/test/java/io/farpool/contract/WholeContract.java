package io.farpool.contract;

import org.junit.jupiter.api.Nested;

/** All parts of the contract, for one backend. */
abstract class WholeContract {
    protected abstract Backend backend();

    @Nested
    class Construction extends ConstructionContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Submit extends SubmitContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Logged extends LoggedContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class LettingGo extends LettingGoContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Future extends FutureContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Wait extends WaitContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class AsCompleted extends AsCompletedContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Map extends MapContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Options extends OptionsContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Shutdown extends ShutdownContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Service extends ExecutorServiceContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Termination extends TerminationContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Invoke extends InvokeContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class JavaFuture extends JavaFutureContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Stages extends CompletableFutureContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }

    @Nested
    class Foreign extends ForeignCodeContract {
        @Override
        protected Backend backend() {
            return WholeContract.this.backend();
        }
    }
}
