package io.farpool.coordinator.scheduling;

import org.jspecify.annotations.Nullable;

/**
 * Which task goes to which of its session's slots: the fast path, O(log hosts) per task. The least busy share comes
 * first,
 * so idle slots are filled before anything is sent ahead of need; and what was sent ahead is recalled when a slot
 * elsewhere
 * has nothing to do.
 */
final class Dispatch {
    private final Cluster cluster;

    Dispatch(Cluster cluster) {
        this.cluster = cluster;
    }

    void run(SessionState session) {
        while (!session.stalled() && !session.queue.isEmpty()) {
            Share share = session.heap.first();
            if (share == null || !hasRoom(share)) {
                break;
            }
            TaskState task = session.queue.poll();
            if (task != null) {
                assign(task, share);
            }
        }
        if (session.queue.isEmpty() && session.idleSlots > 0 && session.prefetched > 0) {
            rebalance(session);
        }
    }

    private boolean hasRoom(Share share) {
        if (share.idleSlots() > 0) {
            return true;
        }
        long slots = share.usableQuota();
        // One for each slot, however large and however long it may run, so that it is fetched while another runs.
        boolean oneAhead = share.outstanding < 2 * slots;
        return share.outstanding < slots * (1 + depth(share.session))
                && (oneAhead || share.outstandingBytes < cluster.settings.prefetchBytes());
    }

    private static int depth(SessionState session) {
        TaskState next = session.queue.peek();
        int least = next != null && next.isFetched() ? 1 : 0;
        return Math.max(least, session.prefetch.depth());
    }

    private void assign(TaskState task, Share share) {
        Attempt attempt = new Attempt(cluster.nextAttempt(), task, share, task.starts + 1, cluster.nowMillis);
        task.attempt = attempt;
        task.state = TaskState.State.ASSIGNED;
        cluster.attempts.put(attempt.id, attempt);
        share.add(attempt);
        if (task.needsGrant()) {
            Grants.request(cluster, attempt);
        } else {
            run(cluster, attempt);
        }
    }

    static void run(Cluster cluster, Attempt attempt) {
        Share share = attempt.share;
        cluster.emit(new Decision.Run(
                share.host.name, share.session.number, attempt.id, attempt.startNumber, attempt.task.task()));
    }

    /**
     * Calls work back for idle slots: as much as they would be sent ahead, but each time at most half of what the
     * fullest share has ahead
     * of it, because that one goes on working meanwhile.
     */
    private void rebalance(SessionState session) {
        long wanted = (long) session.idleSlots * (1 + session.prefetch.depth()) - session.recalls;
        while (wanted > 0) {
            Share fullest = fullest(session);
            if (fullest == null) {
                return;
            }
            int ahead = fullest.prefetched() - fullest.recalls;
            int recalled = recall(fullest, (int) Math.min(wanted, (ahead + 1) / 2));
            if (recalled == 0) {
                return;
            }
            wanted -= recalled;
        }
    }

    private static @Nullable Share fullest(SessionState session) {
        Share fullest = null;
        for (Share share : session.shares.values()) {
            int ahead = share.prefetched() - share.recalls;
            if (ahead > 0 && (fullest == null || ahead > fullest.prefetched() - fullest.recalls)) {
                fullest = share;
            }
        }
        return fullest;
    }

    /**
     * Recalls the newest, which are the least likely to have started. Those known to have started, perhaps because what came
     * before them had still to be fetched, have the slots that the oldest would have.
     */
    private int recall(Share share, int most) {
        int recalled = 0;
        int reach = share.prefetched();
        Attempt attempt = share.newest;
        while (attempt != null && recalled < most && reach > 0) {
            Attempt older = attempt.older;
            reach -= attempt.started ? 0 : 1;
            if (attempt.mayBeRecalled()) {
                recall(cluster, share, attempt);
                recalled++;
            }
            attempt = older;
        }
        return recalled;
    }

    private static void recall(Cluster cluster, Share share, Attempt attempt) {
        if (!attempt.granted) {
            cluster.takeBack(attempt);
            return;
        }
        share.recall(attempt);
        cluster.emit(new Decision.Recall(share.host.name, attempt.id));
    }

    /** What a host has of a session, and has no slot for, would never start. */
    static void recallIfWithoutSlots(Cluster cluster, Share share) {
        if (share.quota == 0 && !share.closing && share.newest != null) {
            recallAll(cluster, share);
        }
    }

    /** The share has lost its last slot: what has not started there is wanted back. */
    static void recallAll(Cluster cluster, Share share) {
        Attempt attempt = share.newest;
        while (attempt != null) {
            Attempt older = attempt.older;
            if (attempt.mayBeRecalled()) {
                recall(cluster, share, attempt);
            }
            attempt = older;
        }
    }
}
