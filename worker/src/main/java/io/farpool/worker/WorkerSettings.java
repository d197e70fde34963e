package io.farpool.worker;

import io.farpool.wire.Protocol;
import io.farpool.worker.hosting.HostLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a worker daemon is told. Immutable; the limits' names and defaults are those of docs/limits.md, but for
 * connectTimeout, which the command makes 10 s.
 *
 * @param coordinator where the coordinator is: "host:port" or any gRPC target
 * @param slots tasks that may run at once, so most worker processes alive; default: the CPUs this JVM may use
 * @param name of the host, unique in the cluster; default: its network name and a random suffix
 * @param cacheDirectory where sessions' code is kept from one daemon to the next, for one daemon at a time; null: in a
 *     directory of its own, removed at the end
 * @param labels that tasks may ask for
 * @param memoryShare of the machine's memory that worker processes may use together, when their sessions do not say
 * @param maxProcessMemoryBytes that a worker process may keep after its task has ended; one that keeps more is replaced; 0: no
 *     limit
 * @param blobCacheBytes most that the blob cache keeps
 * @param killGrace from an interrupt or a stop to the kill
 * @param idleProcess how long a process without a task is kept
 * @param processConnect how long a process may take from its launch to its hello
 * @param heldOutcomeBytes of outcomes of one session that the client has not acknowledged
 * @param heldFileBytes of those outcomes' large payloads, on disk
 * @param connectTimeout for the first welcome
 * @param coordinatorLoss without a coordinator for so long, every session is ended
 * @param acknowledgementWait at the end of a drain, for the client to have taken the last outcomes
 */
public record WorkerSettings(
        String coordinator,
        int slots,
        String name,
        @Nullable Path cacheDirectory,
        Map<String, String> labels,
        double memoryShare,
        long maxProcessMemoryBytes,
        long blobCacheBytes,
        Duration killGrace,
        Duration idleProcess,
        Duration processConnect,
        long heldOutcomeBytes,
        long heldFileBytes,
        Duration connectTimeout,
        Duration coordinatorLoss,
        Duration acknowledgementWait) {
    private static final int LONGEST_NAME = 200;

    /** Checks what can be wrong. */
    public WorkerSettings {
        if (slots < 1 || slots > Protocol.MAX_SLOTS) {
            throw new IllegalArgumentException("slots is " + slots + ", expected 1 to " + Protocol.MAX_SLOTS);
        }
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException(
                    "name is \"" + name + "\", expected 1 to " + LONGEST_NAME + " characters without white space");
        }
        if (!(memoryShare > 0 && memoryShare <= 1)) {
            throw new IllegalArgumentException(
                    "memoryShare is " + memoryShare + ", expected more than 0 and at most 1");
        }
        if (maxProcessMemoryBytes < 0) {
            throw new IllegalArgumentException(
                    "maxProcessMemoryBytes is " + maxProcessMemoryBytes + ", expected at least 0");
        }
        labels = Map.copyOf(labels);
    }

    /** For a coordinator on this machine. */
    public static WorkerSettings defaults() {
        return new WorkerSettings(
                "localhost:7077",
                Runtime.getRuntime().availableProcessors(),
                networkName() + "-"
                        + HexFormat.of()
                                .toHexDigits((short) ThreadLocalRandom.current().nextInt()),
                null,
                Map.of(),
                0.7,
                0,
                10L << 30,
                Duration.ofSeconds(2),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                64L << 20,
                4L << 30,
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofSeconds(5));
    }

    /** With another coordinator. */
    public WorkerSettings withCoordinator(String coordinator) {
        return with(draft -> draft.coordinator = coordinator);
    }

    /** With so many slots. */
    public WorkerSettings withSlots(int slots) {
        return with(draft -> draft.slots = slots);
    }

    /** With another name. */
    public WorkerSettings withName(String name) {
        return with(draft -> draft.name = name);
    }

    /** With a cache that is kept. */
    public WorkerSettings withCacheDirectory(Path cacheDirectory) {
        return with(draft -> draft.cacheDirectory = cacheDirectory);
    }

    /** With these labels. */
    public WorkerSettings withLabels(Map<String, String> labels) {
        return with(draft -> draft.labels = labels);
    }

    /** With another share of the machine's memory. */
    public WorkerSettings withMemoryShare(double memoryShare) {
        return with(draft -> draft.memoryShare = memoryShare);
    }

    /** With a limit on what a worker process may keep after its task; 0: none. */
    public WorkerSettings withMaxProcessMemoryBytes(long maxProcessMemoryBytes) {
        return with(draft -> draft.maxProcessMemoryBytes = maxProcessMemoryBytes);
    }

    /** With another size of the blob cache. */
    public WorkerSettings withBlobCacheBytes(long blobCacheBytes) {
        return with(draft -> draft.blobCacheBytes = blobCacheBytes);
    }

    /** With another kill grace. */
    public WorkerSettings withKillGrace(Duration killGrace) {
        return with(draft -> draft.killGrace = killGrace);
    }

    /** With another time that idle processes are kept. */
    public WorkerSettings withIdleProcess(Duration idleProcess) {
        return with(draft -> draft.idleProcess = idleProcess);
    }

    /** With another time that a process may take to connect. */
    public WorkerSettings withProcessConnect(Duration processConnect) {
        return with(draft -> draft.processConnect = processConnect);
    }

    /** With another bound of unacknowledged outcomes. */
    public WorkerSettings withHeldOutcomeBytes(long heldOutcomeBytes) {
        return with(draft -> draft.heldOutcomeBytes = heldOutcomeBytes);
    }

    /** With another bound of their large payloads. */
    public WorkerSettings withHeldFileBytes(long heldFileBytes) {
        return with(draft -> draft.heldFileBytes = heldFileBytes);
    }

    /** With another patience for the first welcome. */
    public WorkerSettings withConnectTimeout(Duration connectTimeout) {
        return with(draft -> draft.connectTimeout = connectTimeout);
    }

    /** With another patience for a coordinator that has gone. */
    public WorkerSettings withCoordinatorLoss(Duration coordinatorLoss) {
        return with(draft -> draft.coordinatorLoss = coordinatorLoss);
    }

    /** With another patience for acknowledgements. */
    public WorkerSettings withAcknowledgementWait(Duration acknowledgementWait) {
        return with(draft -> draft.acknowledgementWait = acknowledgementWait);
    }

    /** Labels in a fixed order. */
    Map<String, String> sortedLabels() {
        return new TreeMap<>(labels);
    }

    /** What the host core is bound by. */
    HostLimits limits() {
        return new HostLimits(
                slots,
                Runtime.version().feature() + 44,
                killGrace.toMillis(),
                idleProcess.toMillis(),
                processConnect.toMillis(),
                heldOutcomeBytes,
                heldFileBytes,
                maxProcessMemoryBytes,
                coordinatorLoss.toMillis());
    }

    /** Read from files: resolving the name may wait for a name server. */
    private static String networkName() {
        try {
            String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            if (!name.isEmpty()) {
                return name;
            }
        } catch (IOException notLinux) {
            // Then it goes by the environment.
        }
        String fromEnvironment = System.getenv("HOSTNAME");
        return fromEnvironment == null || fromEnvironment.isBlank() ? "host" : fromEnvironment.strip();
    }

    private WorkerSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** A copy to change one thing in. */
    private static final class Draft {
        private String coordinator;
        private int slots;
        private String name;
        private @Nullable Path cacheDirectory;
        private Map<String, String> labels;
        private double memoryShare;
        private long maxProcessMemoryBytes;
        private long blobCacheBytes;
        private Duration killGrace;
        private Duration idleProcess;
        private Duration processConnect;
        private long heldOutcomeBytes;
        private long heldFileBytes;
        private Duration connectTimeout;
        private Duration coordinatorLoss;
        private Duration acknowledgementWait;

        Draft(WorkerSettings from) {
            coordinator = from.coordinator;
            slots = from.slots;
            name = from.name;
            cacheDirectory = from.cacheDirectory;
            labels = from.labels;
            memoryShare = from.memoryShare;
            maxProcessMemoryBytes = from.maxProcessMemoryBytes;
            blobCacheBytes = from.blobCacheBytes;
            killGrace = from.killGrace;
            idleProcess = from.idleProcess;
            processConnect = from.processConnect;
            heldOutcomeBytes = from.heldOutcomeBytes;
            heldFileBytes = from.heldFileBytes;
            connectTimeout = from.connectTimeout;
            coordinatorLoss = from.coordinatorLoss;
            acknowledgementWait = from.acknowledgementWait;
        }

        WorkerSettings settings() {
            return new WorkerSettings(
                    coordinator,
                    slots,
                    name,
                    cacheDirectory,
                    labels,
                    memoryShare,
                    maxProcessMemoryBytes,
                    blobCacheBytes,
                    killGrace,
                    idleProcess,
                    processConnect,
                    heldOutcomeBytes,
                    heldFileBytes,
                    connectTimeout,
                    coordinatorLoss,
                    acknowledgementWait);
        }
    }
}
