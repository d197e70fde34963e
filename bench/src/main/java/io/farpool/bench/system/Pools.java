package io.farpool.bench.system;

import java.util.List;

/** Makes a system's client. Each case loads the classes of that system and of no other. */
public final class Pools {
    private Pools() {}

    /**
     * Connects to a system, or starts it where it has no servers.
     *
     * @param addresses of its servers, from {@link Servers}
     * @param slots tasks at once, over all hosts
     */
    public static Pool open(Kind kind, List<String> addresses, int slots) {
        return switch (kind) {
            case FARPOOL_EMBEDDED -> new FarpoolPool(null, slots);
            case FARPOOL_CLUSTER -> new FarpoolPool(addresses.get(0), slots);
            case IGNITE -> new IgnitePool(addresses);
            case HAZELCAST -> new HazelcastPool(addresses);
            case LOCAL -> new LocalPool(slots);
            case PYTHON, FLOOR ->
                throw new IllegalArgumentException(kind.id() + " is driven by a program of its own, not by a pool");
        };
    }
}
