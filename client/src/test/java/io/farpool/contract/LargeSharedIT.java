package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shared values in programs and processes whose heaps have room for the value and half of it once more: neither its bytes nor a
 * second value. On demand also one that is larger than an array can be: {@code -Dfarpool.huge.bytes=3221225472} needs 8 GiB of
 * memory and 10 GiB of disk.
 */
@Timeout(900)
class LargeSharedIT {
    private static final long LARGE_BYTES = 160L << 20;
    /** Of the coordinator and the worker. */
    static final String SMALL_HEAP = "-Xmx128m";

    static final long SESSION_LEASE_MILLIS = 600_000;

    @TempDir
    Path directory;

    @Test
    @DisplayName("a large value is shared with processes of this machine")
    void here() throws Exception {
        assertThat(HugePayloadIT.run("shared", LARGE_BYTES, directory)).isEqualTo("ok");
    }

    @Test
    @DisplayName("a large value is shared on a cluster, whose coordinator and worker have small heaps")
    void onACluster() throws Exception {
        onACluster(LARGE_BYTES);
    }

    @Test
    @DisplayName("a value larger than 2 GiB is shared with processes of this machine")
    @EnabledIfSystemProperty(named = HugePayloadIT.BYTES, matches = "\\d+")
    void hugeHere() throws Exception {
        assertThat(HugePayloadIT.run("shared", Long.getLong(HugePayloadIT.BYTES), directory))
                .isEqualTo("ok");
    }

    @Test
    @DisplayName("a value larger than 2 GiB is shared on a cluster")
    @EnabledIfSystemProperty(named = HugePayloadIT.BYTES, matches = "\\d+")
    void hugeOnACluster() throws Exception {
        onACluster(Long.getLong(HugePayloadIT.BYTES));
    }

    private void onACluster(long bytes) throws Exception {
        try (TestCluster cluster = new TestCluster(directory, SESSION_LEASE_MILLIS, SMALL_HEAP)) {
            assertThat(HugePayloadIT.run("shared", bytes, directory, cluster.address()))
                    .isEqualTo("ok");
            cluster.assertNeverOutOfMemory();
        }
    }
}
