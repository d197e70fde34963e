package io.farpool.coordinator.endpoint;

/**
 * The limits the endpoints hold.
 *
 * @param heartbeatMillis how often hosts are to say something
 * @param maxSessions sessions open at once; one more is refused with RESOURCE_EXHAUSTED
 * @param maxHosts hosts attached at once, and streams of such as have said hello only; one more is refused with
 *     RESOURCE_EXHAUSTED
 * @param maxStateEntries sessions and attempts a host may speak of when it attaches
 * @param maxStateBytes bytes of that, results that are held included; past it the host is refused with RESOURCE_EXHAUSTED
 * @param logBytes of a session's log lines that wait for its client to take them; past it the oldest are dropped, with a
 *     count
 * @param payloadPaths clients and hosts share this machine's files: a payload's reference may say where it is
 */
public record EndpointSettings(
        long heartbeatMillis,
        int maxSessions,
        int maxHosts,
        int maxStateEntries,
        long maxStateBytes,
        long logBytes,
        boolean payloadPaths) {

    /** For clients and hosts that need not share any files. */
    public EndpointSettings(
            long heartbeatMillis,
            int maxSessions,
            int maxHosts,
            int maxStateEntries,
            long maxStateBytes,
            long logBytes) {
        this(heartbeatMillis, maxSessions, maxHosts, maxStateEntries, maxStateBytes, logBytes, false);
    }

    /** The defaults. */
    public static EndpointSettings defaults() {
        return new EndpointSettings(2_000, 10_000, 10_000, 1_000_000, 1L << 30, 8L << 20);
    }

    /** A copy whose clients and hosts share this machine's files, or do not. */
    public EndpointSettings withPayloadPaths(boolean shared) {
        return new EndpointSettings(
                heartbeatMillis, maxSessions, maxHosts, maxStateEntries, maxStateBytes, logBytes, shared);
    }

    /** A copy with another heartbeat. */
    public EndpointSettings withHeartbeatMillis(long millis) {
        return with(positive("heartbeat in milliseconds", millis), maxSessions, maxHosts, maxStateBytes, logBytes);
    }

    /** A copy for so many sessions and hosts. */
    public EndpointSettings withMost(int sessions, int hosts) {
        return with(
                heartbeatMillis,
                (int) positive("number of sessions", sessions),
                (int) positive("number of hosts", hosts),
                maxStateBytes,
                logBytes);
    }

    /** A copy with another bound of what a host may tell when it attaches. */
    public EndpointSettings withMaxStateBytes(long bytes) {
        return with(heartbeatMillis, maxSessions, maxHosts, positive("bytes of a host's state", bytes), logBytes);
    }

    /** A copy with another bound of log lines that wait. */
    public EndpointSettings withLogBytes(long bytes) {
        return with(heartbeatMillis, maxSessions, maxHosts, maxStateBytes, positive("bytes of log lines", bytes));
    }

    private EndpointSettings with(
            long heartbeatMillis, int maxSessions, int maxHosts, long maxStateBytes, long logBytes) {
        return new EndpointSettings(
                heartbeatMillis, maxSessions, maxHosts, maxStateEntries, maxStateBytes, logBytes, payloadPaths);
    }

    private static long positive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("the " + what + " must be greater than 0, not " + value);
        }
        return value;
    }
}
