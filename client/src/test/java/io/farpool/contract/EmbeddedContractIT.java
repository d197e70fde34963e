package io.farpool.contract;

/** The contract, kept by worker processes of this JVM's own. */
class EmbeddedContractIT extends WholeContract {
    @Override
    protected Backend backend() {
        return new ProcessBackend(null);
    }
}
