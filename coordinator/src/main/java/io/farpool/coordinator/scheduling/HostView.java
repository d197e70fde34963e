package io.farpool.coordinator.scheduling;

/**
 * A host at one moment, as the scheduler sees it.
 *
 * @param host its name
 * @param slots room for running tasks
 * @param held slots that sessions have, or may still have
 * @param running tasks its slots can be running, of those assigned
 * @param prefetched the other assigned ones
 * @param draining it takes nothing new
 * @param connected its stream is there
 * @param attachedMillis for how long it has been part of the cluster
 */
public record HostView(
        String host,
        int slots,
        int held,
        int running,
        int prefetched,
        boolean draining,
        boolean connected,
        long attachedMillis) {

    static HostView of(HostState host, long nowMillis) {
        int running = 0;
        int outstanding = 0;
        for (Share share : host.shares.values()) {
            running += Math.min(share.outstanding, share.held);
            outstanding += share.outstanding;
        }
        return new HostView(
                host.name,
                host.slots,
                host.slots - host.free,
                running,
                outstanding - running,
                host.draining,
                host.connected,
                nowMillis - host.attachedMillis);
    }
}
