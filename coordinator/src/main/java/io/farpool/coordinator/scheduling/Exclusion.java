package io.farpool.coordinator.scheduling;

/**
 * Leaving a host out for one session, for a while: its slots there are given up, what has not started there is wanted back, and
 * whoever else is on the host notices nothing.
 *
 * <p>Processes that do not start there say something of the session (see {@link Hosts}); a disk without room only of tasks with
 * large payloads. Such a task ends when no host is left that may have room for it. A host that has as many of the session's
 * results as it keeps is left out until the client has taken some.
 */
final class Exclusion {
    private final Cluster cluster;

    Exclusion(Cluster cluster) {
        this.cluster = cluster;
    }

    /** For longer, each time in a row. */
    static void leaveOut(Cluster cluster, Share share, int timesInARow) {
        int doublings = Math.max(0, Math.min(timesInARow - 1, 30));
        long backoffMillis = Math.min(
                cluster.settings.problemBackoffMillis() << doublings, cluster.settings.problemBackoffMaxMillis());
        pause(cluster, share, backoffMillis);
        cluster.setSlots(share, 0, share.held, share.held);
        Dispatch.recallAll(cluster, share);
    }

    /** Sends nothing more there for so long. What is there goes on. */
    private static void pause(Cluster cluster, Share share, long millis) {
        share.backedOff = true;
        share.backoffUntilMillis = cluster.nowMillis + millis;
        cluster.wakeAt(share.backoffUntilMillis);
        share.recount();
        cluster.touch(share.session);
        cluster.allocationDue = true;
    }

    /**
     * The host has no room for the payload of this task, which it has no longer. While others of the session are there whose
     * payloads take as much, they are let be. Several that found no room together are one failure: only the first finds the
     * share not yet left out.
     */
    void noRoom(Share share, TaskState task) {
        if (share.isLeftOut()) {
            return;
        }
        if (share.fetchedBytes(false) >= Math.max(1, task.transferBytes)) {
            pause(cluster, share, cluster.settings.problemBackoffMillis());
            return;
        }
        if (task.isFetched() && bytesToGo(share.host) < task.transferBytes) {
            share.noRooms = task.transferBytes < share.noRoomBytes ? 1 : share.noRooms + 1;
            share.noRoomBytes = Math.min(share.noRoomBytes, task.transferBytes);
        }
        leaveOut(cluster, share, Math.min(share.noRooms, cluster.settings.problemsToBreak()));
    }

    /** What is on the host's disk for as long as something runs, or until a client has taken it. */
    private static long bytesToGo(HostState host) {
        long bytes = 0;
        for (Share share : host.shares.values()) {
            bytes += share.fetchedBytes(true) + share.offeredBytes;
        }
        return bytes;
    }

    /**
     * There is more, or less, at the host that the session's client has to take. Past what the host keeps it would start
     * nothing: so others have its slots, and its tasks go elsewhere, until a quarter of that has been taken.
     */
    void offered(Share share, long moreBytes) {
        share.offeredBytes += moreBytes;
        long most = share.host.heldResultBytes;
        boolean full = share.offeredBytes > (share.full ? most - most / 4 : most);
        if (full == share.full || share.closing) {
            return;
        }
        int idle = Math.min(share.held, share.quickTransit + share.idleSlots());
        share.full = full;
        if (full) {
            cluster.setSlots(share, 0, share.held, idle);
            Dispatch.recallAll(cluster, share);
        } else {
            share.recount();
            cluster.touch(share.session);
        }
        cluster.allocationDue = true;
    }

    /** Whether all hosts have been tried, and the one that has just refused the task often enough. */
    boolean hasNoRoomAnywhere(Share last, TaskState task) {
        if (!task.isFetched()
                || task.transferBytes < last.noRoomBytes
                || last.noRooms < cluster.settings.problemsToBreak()) {
            return false;
        }
        for (HostState host : cluster.hosts.values()) {
            Share share = task.session.shares.get(host);
            boolean untried = share == null || (share.problems == 0 && task.transferBytes < share.noRoomBytes);
            if (untried && !host.draining) {
                return false;
            }
        }
        return true;
    }

    /** A task has run there. One whose payload was fetched leaves room for another. */
    void ran(Share share, TaskState task) {
        if (!task.isFetched()) {
            return;
        }
        if (task.transferBytes >= share.noRoomBytes) {
            share.noRooms = 0;
            share.noRoomBytes = Long.MAX_VALUE;
        }
        if (share.backedOff && share.problems == 0) {
            share.backedOff = false;
            share.recount();
            cluster.touch(share.session);
            cluster.allocationDue = true;
        }
    }
}
