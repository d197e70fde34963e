package io.farpool.coordinator;

import io.farpool.coordinator.blob.TransferMemory;
import io.farpool.coordinator.endpoint.EndpointSettings;
import io.farpool.coordinator.scheduling.SchedulerSettings;
import io.farpool.wire.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a coordinator is set up. {@code host}, {@code port}, {@code insecure}, {@code streamWindowBytes} and {@code peerSilence}
 * matter only behind a port.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0: any free one
 * @param insecure listen beyond loopback although nothing there proves who calls
 * @param dataDirectory where blobs are cached; null: a temporary directory, removed at the end
 * @param blobLimitBytes how much of them; past it the least recently used go, but never what a live session needs
 * @param blobTransferBytes what blobs on their way here may take of memory together, and as much again those on their way from here;
 *     more are refused, and tried again
 * @param maxTransfers large payloads relayed at once, waiting or flowing; one more is refused, and tried again
 * @param streamWindowBytes what a client or a host may have on its way here at once, all its streams together, and what may wait
 *     here unread of each of them
 * @param peerSilence how long a client or a host may say nothing, not even answer a ping, until its streams are broken
 * @param endpoints limits of the conversations
 * @param scheduling limits of the scheduler
 */
public record CoordinatorSettings(
        String host,
        int port,
        boolean insecure,
        @Nullable Path dataDirectory,
        long blobLimitBytes,
        long blobTransferBytes,
        int maxTransfers,
        int streamWindowBytes,
        Duration peerSilence,
        EndpointSettings endpoints,
        SchedulerSettings scheduling) {

    /** The port a coordinator listens on unless told otherwise. */
    public static final int DEFAULT_PORT = 7077;

    /** The narrowest window: a piece of a large payload. */
    public static final int MIN_STREAM_WINDOW_BYTES = Protocol.CHUNK_BYTES;

    /** Wide enough for most lines: 40 MB/s at 100 ms there and back. */
    private static final int COMMON_STREAM_WINDOW_BYTES = 4 << 20;

    /** So that several windows full are a small part of a small heap. */
    private static final int HEAP_FOR_A_BYTE_OF_WINDOW = 64;

    /** The widest. */
    public static final int MAX_STREAM_WINDOW_BYTES = 256 << 20;

    /** The shortest silence that is one: a ping has to be answered meanwhile. */
    public static final Duration MIN_PEER_SILENCE = Duration.ofSeconds(1);

    /** What a slow receiver's payload takes here beside the window: a chunk or two, and what the transport buffers on its way out. */
    private static final long TRANSFER_BYTES = 3L << 20;
    /** Most of that is beside the heap: all of it together so takes no more than half of what the heap may take. */
    private static final long HEAP_FOR_A_BYTE = 2;

    private static final int MOST_TRANSFERS = 1_024;
    private static final int FEWEST_TRANSFERS = 16;

    /** Checks what can be wrong. */
    public CoordinatorSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("host must name the address to listen on, not be blank");
        }
        if (blobTransferBytes <= 0) {
            throw new IllegalArgumentException("blob transfer bytes must be greater than 0, not " + blobTransferBytes);
        }
        if (maxTransfers <= 0) {
            throw new IllegalArgumentException("max transfers must be greater than 0, not " + maxTransfers);
        }
        if (streamWindowBytes < MIN_STREAM_WINDOW_BYTES || streamWindowBytes > MAX_STREAM_WINDOW_BYTES) {
            throw new IllegalArgumentException("stream window must be " + MIN_STREAM_WINDOW_BYTES + " to "
                    + MAX_STREAM_WINDOW_BYTES + " bytes, not " + streamWindowBytes);
        }
        if (peerSilence.compareTo(MIN_PEER_SILENCE) < 0) {
            throw new IllegalArgumentException(
                    "peer silence must be at least " + MIN_PEER_SILENCE + ", not " + peerSilence);
        }
    }

    /** How many large payloads may be relayed at once in such a heap, when each may have so much on its way in. */
    public static int maxTransfers(long heapBytes, int streamWindowBytes) {
        long most = heapBytes / HEAP_FOR_A_BYTE / (TRANSFER_BYTES + streamWindowBytes);
        return (int) Math.max(FEWEST_TRANSFERS, Math.min(MOST_TRANSFERS, most));
    }

    /** The window that a coordinator with such a heap has unless told otherwise. */
    public static int streamWindowBytes(long heapBytes) {
        long affordable = heapBytes / HEAP_FOR_A_BYTE_OF_WINDOW;
        return (int) Math.max(MIN_STREAM_WINDOW_BYTES, Math.min(COMMON_STREAM_WINDOW_BYTES, affordable));
    }

    /** What blobs on their way may take. */
    TransferMemory blobMemory() {
        return new TransferMemory(blobTransferBytes, streamWindowBytes);
    }

    /** Loopback only, port 7077, the limits of docs/limits.md. */
    public static CoordinatorSettings defaults() {
        long heapBytes = Runtime.getRuntime().maxMemory();
        int windowBytes = streamWindowBytes(heapBytes);
        return new CoordinatorSettings(
                "127.0.0.1",
                DEFAULT_PORT,
                false,
                null,
                10L << 30,
                TransferMemory.inAHeapOf(heapBytes, windowBytes).bytes(),
                maxTransfers(heapBytes, windowBytes),
                windowBytes,
                Duration.ofSeconds(50),
                EndpointSettings.defaults(),
                SchedulerSettings.defaults());
    }

    /** A copy that listens on another address. */
    public CoordinatorSettings withHost(String host) {
        return with(draft -> draft.host = host);
    }

    /** A copy that listens on another port; 0: any free one. */
    public CoordinatorSettings withPort(int port) {
        return with(draft -> draft.port = port);
    }

    /** A copy that may listen beyond loopback without TLS and credentials, or may not. */
    public CoordinatorSettings withInsecure(boolean insecure) {
        return with(draft -> draft.insecure = insecure);
    }

    /** A copy that caches blobs in a directory, which it makes if need be and keeps. */
    public CoordinatorSettings withDataDirectory(Path dataDirectory) {
        return with(draft -> draft.dataDirectory = dataDirectory);
    }

    /** A copy that caches so much. */
    public CoordinatorSettings withBlobLimitBytes(long blobLimitBytes) {
        return with(draft -> draft.blobLimitBytes = blobLimitBytes);
    }

    /** A copy whose blobs on their way take so much memory at most. */
    public CoordinatorSettings withBlobTransferBytes(long blobTransferBytes) {
        return with(draft -> draft.blobTransferBytes = blobTransferBytes);
    }

    /** A copy that relays so many large payloads at once. */
    public CoordinatorSettings withMaxTransfers(int maxTransfers) {
        return with(draft -> draft.maxTransfers = maxTransfers);
    }

    /** A copy with another window, and as many large payloads and blobs on their way at once as this JVM's heap has room for then. */
    public CoordinatorSettings withStreamWindowBytes(int streamWindowBytes) {
        long heapBytes = Runtime.getRuntime().maxMemory();
        return with(draft -> {
            draft.streamWindowBytes = streamWindowBytes;
            draft.blobTransferBytes =
                    TransferMemory.inAHeapOf(heapBytes, streamWindowBytes).bytes();
            draft.maxTransfers = maxTransfers(heapBytes, streamWindowBytes);
        });
    }

    /** A copy with another patience for clients and hosts that are silent. */
    public CoordinatorSettings withPeerSilence(Duration peerSilence) {
        return with(draft -> draft.peerSilence = peerSilence);
    }

    /** A copy with other limits of the conversations. */
    public CoordinatorSettings withEndpoints(EndpointSettings endpoints) {
        return with(draft -> draft.endpoints = endpoints);
    }

    /** A copy with other limits of the scheduler. */
    public CoordinatorSettings withScheduling(SchedulerSettings scheduling) {
        return with(draft -> draft.scheduling = scheduling);
    }

    private CoordinatorSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** A copy to change something in. */
    private static final class Draft {
        private String host;
        private int port;
        private boolean insecure;
        private @Nullable Path dataDirectory;
        private long blobLimitBytes;
        private long blobTransferBytes;
        private int maxTransfers;
        private int streamWindowBytes;
        private Duration peerSilence;
        private EndpointSettings endpoints;
        private SchedulerSettings scheduling;

        Draft(CoordinatorSettings from) {
            host = from.host;
            port = from.port;
            insecure = from.insecure;
            dataDirectory = from.dataDirectory;
            blobLimitBytes = from.blobLimitBytes;
            blobTransferBytes = from.blobTransferBytes;
            maxTransfers = from.maxTransfers;
            streamWindowBytes = from.streamWindowBytes;
            peerSilence = from.peerSilence;
            endpoints = from.endpoints;
            scheduling = from.scheduling;
        }

        CoordinatorSettings settings() {
            return new CoordinatorSettings(
                    host,
                    port,
                    insecure,
                    dataDirectory,
                    blobLimitBytes,
                    blobTransferBytes,
                    maxTransfers,
                    streamWindowBytes,
                    peerSilence,
                    endpoints,
                    scheduling);
        }
    }
}
