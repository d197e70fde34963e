package io.farpool.contract;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept by worker processes of a cluster: a coordinator and a daemon in processes of their own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterContractIT extends WholeProcessContract {
    @TempDir
    static Path temporaryDirectory;

    private TestCluster cluster;

    @BeforeAll
    void startCluster() throws IOException {
        cluster = new TestCluster(temporaryDirectory);
    }

    @AfterAll
    void endCluster() {
        cluster.close();
    }

    @Override
    protected ProcessBackend backend() {
        return new ProcessBackend(cluster.address());
    }
}
