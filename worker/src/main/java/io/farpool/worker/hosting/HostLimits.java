package io.farpool.worker.hosting;

/**
 * What the host core is bound by. Immutable.
 *
 * @param slots most worker processes alive at once, those being ended included; at least 1
 * @param classFileMajorVersion the newest class files the host's JDK can load
 * @param killGraceMillis from an interrupt or a stop to the kill
 * @param idleProcessMillis how long a process without a task is kept
 * @param connectMillis how long a process may take from its launch to its hello
 * @param heldOutcomeBytes of unacknowledged outcomes of one session; past it, no more of its attempts are started
 * @param heldFileBytes the same for those outcomes' payloads that are files
 * @param processMemoryBytes that a process may keep after its task; past it, it is replaced; 0: no limit
 * @param coordinatorLossMillis without a coordinator for so long, every session is ended
 */
public record HostLimits(
        int slots,
        int classFileMajorVersion,
        long killGraceMillis,
        long idleProcessMillis,
        long connectMillis,
        long heldOutcomeBytes,
        long heldFileBytes,
        long processMemoryBytes,
        long coordinatorLossMillis) {

    /** Refuses a host without slots. */
    public HostLimits {
        if (slots < 1) {
            throw new IllegalArgumentException("slots is " + slots + ", expected at least 1");
        }
    }

    /** The defaults for a host with so many slots and a JDK that loads Java 17's class files. */
    public static HostLimits defaults(int slots) {
        return new HostLimits(slots, 61, 2_000, 60_000, 60_000, 64L << 20, 4L << 30, 0, 600_000);
    }
}
