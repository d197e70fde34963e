package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A worker process that is stopped and goes on. A write that it is in then returns with only a part written, on a blocking socket
 * too.
 */
@Timeout(120)
class StoppedProcessIT {
    private static final int TASKS = 50;
    /** Inside a message, and several times what a socket holds. */
    private static final int VALUE_BYTES = 900_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void everyArgumentAndResultArrivesWhole() throws Exception {
        try (PoolExecutor pool = ProcessPoolExecutor.create(1)) {
            long pid = pool.submit(() -> ProcessHandle.current().pid()).result();
            Process signals = stopAndGoOn(pid);
            try {
                for (int i = 0; i < TASKS; i++) {
                    byte[] value = new byte[VALUE_BYTES];
                    new Random(i).nextBytes(value);
                    PoolFuture<byte[]> future = pool.submit((byte[] same) -> same, value);
                    assertThat(future.result(PATIENCE)).as("value %d", i).isEqualTo(value);
                }
                assertThat(signals.isAlive()).isTrue();
            } finally {
                signals.destroy();
                signals.waitFor();
                new ProcessBuilder("kill", "-CONT", Long.toString(pid)).start().waitFor();
            }
        }
    }

    /** Again and again, until it is destroyed or the process has ended. */
    private static Process stopAndGoOn(long pid) throws IOException {
        return new ProcessBuilder("sh", "-c", "while kill -STOP " + pid + "; do kill -CONT " + pid + "; done")
                .inheritIO()
                .start();
    }
}
