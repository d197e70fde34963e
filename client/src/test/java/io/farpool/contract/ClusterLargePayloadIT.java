package io.farpool.contract;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Large payloads of worker processes of a cluster: relayed both ways. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterLargePayloadIT extends LargePayloadContract {
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
    ProcessBackend backend() {
        return new ProcessBackend(cluster.address());
    }
}
