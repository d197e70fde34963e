package io.farpool;

import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.HostDescription;
import io.farpool.proto.v1.SessionDescription;

/**
 * What a pool has and does at one moment, as its coordinator says; zeros where none answers within 5 s.
 *
 * @param hosts machines the pool may use; 1 for local threads
 * @param slots tasks that all of them can run at once
 * @param processes slots that this pool holds, each with a worker process or about to have one; of threads, those that exist
 * @param queued tasks that are with the coordinator, and not with a host yet; of threads, those that wait
 * @param running tasks that are with a host, those that are sent ahead included; of threads, those that run
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
