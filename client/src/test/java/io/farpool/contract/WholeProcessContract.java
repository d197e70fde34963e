package io.farpool.contract;

import org.junit.jupiter.api.Nested;

/** All parts of the contract, and those that only worker processes have to keep. */
abstract class WholeProcessContract extends WholeContract {
    @Override
    protected abstract ProcessBackend backend();

    @Nested
    class Processes extends ProcessContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Context extends ContextContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Chunk extends ChunkContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Crash extends CrashContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Serialization extends SerializationContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Output extends OutputContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Stopping extends StoppingContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Ending extends EndingContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }

    @Nested
    class Sharing extends SharedContract {
        @Override
        protected ProcessBackend backend() {
            return WholeProcessContract.this.backend();
        }
    }
}
