package io.farpool.coordinator.scheduling;

import java.util.List;

/**
 * A task's last permitted attempt, after which a lost host would be the end of it, starts only once its client has said so:
 * then whoever comes after this coordinator can tell an attempt that may have run from one that cannot have.
 *
 * <pre>
 *   assigned to a host ──▶ request ──▶ client ──▶ granted ──▶ Run
 *           │ recalled, cancelled, its host gone, its client's streams gone
 *           └──▶ taken back here: the host has never heard of it
 * </pre>
 * It has its slot meanwhile, for a round trip. Ordinary tasks never come here.
 */
final class Grants {
    private final Cluster cluster;

    Grants(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Asks for the grant of an attempt that has just been assigned. */
    static void request(Cluster cluster, Attempt attempt) {
        attempt.granted = false;
        attempt.task.session.ungranted++;
        HostState host = attempt.share.host;
        cluster.emit(new Decision.RequestGrant(
                attempt.task.session.number, attempt.task.sequence, attempt.id, host.name, host.incarnation));
    }

    /** Those of another session, and those not waited for any more, are ignored. */
    void granted(SessionState session, List<Long> ids) {
        for (long id : ids) {
            Attempt attempt = cluster.attempts.get(id);
            if (attempt != null && !attempt.granted && attempt.task.session == session) {
                attempt.granted = true;
                session.ungranted--;
                attempt.share.makeNewest(attempt);
                Dispatch.run(cluster, attempt);
            }
        }
    }

    /** The client cannot be asked any more: its slots are for what needs no asking. */
    void takeBack(SessionState session) {
        for (Share share : session.shares.values()) {
            takeBack(share);
        }
    }

    /** The host takes no work any more. */
    void takeBack(HostState host) {
        for (Share share : host.shares.values()) {
            takeBack(share);
        }
    }

    private void takeBack(Share share) {
        if (share.session.ungranted == 0) {
            return;
        }
        Attempt attempt = share.newest;
        while (attempt != null) {
            Attempt older = attempt.older;
            if (!attempt.granted) {
                cluster.takeBack(attempt);
            }
            attempt = older;
        }
    }
}
