package io.farpool.contract;

/** The contract, kept by worker processes of this JVM's own. */
class EmbeddedContractIT extends WholeProcessContract {
    @Override
    protected ProcessBackend backend() {
        return new ProcessBackend(null);
    }
}
