package io.farpool;

import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.farpool.proto.v1.SessionDescription;

/**
 * What a pool has and does at one moment, as far as this JVM knows.
 *
 * @param hosts machines the pool may use; 1 for local threads
 * @param slots tasks that all of them can run at once
 * @param processes worker processes (or threads) of this pool that exist
 * @param queued tasks submitted and not known to have started
 * @param running tasks known to be running
 * @param completed tasks that have ended, however they did
 */
public record PoolInfo(int hosts, int slots, int processes, long queued, long running, long completed) {
    /** As a coordinator describes its cluster, and one session of it. */
    static PoolInfo of(DescribeResponse cluster, String sessionId) {
        int slots = cluster.getHostsList().stream()
                .mapToInt(HostDescription::getSlots)
                .sum();
        for (SessionDescription session : cluster.getSessionsList()) {
            if (session.getSessionId().equals(sessionId)) {
                return new PoolInfo(
                        cluster.getHostsCount(),
                        slots,
                        session.getProcesses(),
                        session.getQueued(),
                        session.getAssigned(),
                        session.getCompleted());
            }
        }
        return new PoolInfo(cluster.getHostsCount(), slots, 0, 0, 0, 0);
    }
}
