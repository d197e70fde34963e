package io.farpool.coordinator;

import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a coordinator is set up. {@code host}, {@code port} and {@code insecure} matter only behind a port.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0: any free one
 * @param insecure listen beyond loopback although nothing there proves who calls
 * @param dataDirectory where blobs are cached; null: a temporary directory, removed at the end
 * @param blobLimitBytes how much of them; past it the least recently used go, but never what a live session needs
 * @param maxTransfers large payloads relayed at once, waiting or flowing; one more is refused, and tried again
 * @param endpoints limits of the conversations
 * @param scheduling limits of the scheduler
 */
public record CoordinatorSettings(
        String host,
        int port,
        boolean insecure,
        @Nullable Path dataDirectory,
        long blobLimitBytes,
        int maxTransfers,
        EndpointSettings endpoints,
        SchedulerSettings scheduling) {

    /** The port a coordinator listens on unless told otherwise. */
    public static final int DEFAULT_PORT = 7077;

    /** Checks the port, the host and the number of transfers. */
    public CoordinatorSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("host must name the address to listen on, not be blank");
        }
        if (maxTransfers <= 0) {
            throw new IllegalArgumentException("max transfers must be greater than 0, not " + maxTransfers);
        }
    }

    /**
     * Of the heap for each. A slow receiver's payload takes about 3 MiB: a chunk, and what the transport buffers on both sides,
     * which is mostly beside the heap. All of them together so take less than half of what the heap may take once more.
     */
    private static final long HEAP_BYTES_FOR_A_TRANSFER = 8L << 20;

    private static final int MOST_TRANSFERS = 1_024;
    private static final int FEWEST_TRANSFERS = 16;

    static int maxTransfers(long heapBytes) {
        return (int) Math.max(FEWEST_TRANSFERS, Math.min(MOST_TRANSFERS, heapBytes / HEAP_BYTES_FOR_A_TRANSFER));
    }

    /** Loopback only, port 7077, DESIGN's limits. */
    public static CoordinatorSettings defaults() {
        return new CoordinatorSettings(
                "127.0.0.1",
                DEFAULT_PORT,
                false,
                null,
                10L << 30,
                maxTransfers(Runtime.getRuntime().maxMemory()),
                EndpointSettings.defaults(),
                SchedulerSettings.defaults());
    }

    /** A copy that listens on another address. */
    public CoordinatorSettings withHost(String host) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy that listens on another port; 0: any free one. */
    public CoordinatorSettings withPort(int port) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy that may listen beyond loopback without TLS and credentials, or may not. */
    public CoordinatorSettings withInsecure(boolean insecure) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy that caches blobs in a directory, which it makes if need be and keeps. */
    public CoordinatorSettings withDataDirectory(Path dataDirectory) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy that caches so much. */
    public CoordinatorSettings withBlobLimitBytes(long blobLimitBytes) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy that relays so many large payloads at once. */
    public CoordinatorSettings withMaxTransfers(int maxTransfers) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy with other limits of the conversations. */
    public CoordinatorSettings withEndpoints(EndpointSettings endpoints) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }

    /** A copy with other limits of the scheduler. */
    public CoordinatorSettings withScheduling(SchedulerSettings scheduling) {
        return new CoordinatorSettings(
                host, port, insecure, dataDirectory, blobLimitBytes, maxTransfers, endpoints, scheduling);
    }
}
