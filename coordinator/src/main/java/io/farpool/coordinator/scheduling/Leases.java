package io.farpool.coordinator.scheduling;

import java.util.ArrayList;

/** What only time brings about: leases that run out, hosts that are tried again, and waits that are given up. */
final class Leases {
    private final Cluster cluster;
    private final Sessions sessions;
    private final Hosts hosts;
    private final Recovery recovery;

    Leases(Cluster cluster, Sessions sessions, Hosts hosts, Recovery recovery) {
        this.cluster = cluster;
        this.sessions = sessions;
        this.hosts = hosts;
        this.recovery = recovery;
    }

    void check() {
        if (cluster.nowMillis < cluster.deadlineMillis()) {
            return;
        }
        cluster.clearDeadline();
        for (SessionState session : new ArrayList<>(cluster.sessions.values())) {
            if (!session.attached && expired(session.detachedMillis + cluster.settings.sessionLeaseMillis())) {
                sessions.end(session, true, true);
            }
        }
        for (SessionState session : new ArrayList<>(cluster.recovering)) {
            if (expired(recovery.windowEndMillis())) {
                recovery.endIfOver(session);
            }
        }
        boolean keptLongEnough = expired(recovery.keptUntilMillis());
        for (HostState host : new ArrayList<>(cluster.hosts.values())) {
            if (keptLongEnough) {
                recovery.dropUnclaimed(host);
            }
            if (host.connected && expired(host.heardMillis + cluster.settings.hostLeaseMillis())) {
                hosts.lose(host, "nothing was heard from it for " + cluster.settings.hostLeaseMillis() + " ms");
            } else if (!host.connected && expired(host.detachedMillis + cluster.settings.reconnectGraceMillis())) {
                hosts.lose(host, "it did not come back within " + cluster.settings.reconnectGraceMillis() + " ms");
            } else {
                checkShares(host);
            }
        }
        // A quantum may have ended; if not, the pass finds out when it does.
        cluster.allocationDue = true;
    }

    private void checkShares(HostState host) {
        for (Share share : new ArrayList<>(host.shares.values())) {
            if (share.closing) {
                if (expired(share.closingUntilMillis)) {
                    cluster.removeShare(share);
                }
            } else if (share.backedOff && expired(share.backoffUntilMillis)) {
                share.backedOff = false;
                share.recount();
                cluster.touch(share.session);
            }
        }
    }

    private boolean expired(long atMillis) {
        if (atMillis <= cluster.nowMillis) {
            return true;
        }
        cluster.wakeAt(atMillis);
        return false;
    }

    /** This coordinator did not run for so long: everything that was to happen in that time happens so much later. */
    void extend(long gapMillis) {
        cluster.startMillis += gapMillis;
        for (SessionState session : cluster.sessions.values()) {
            session.detachedMillis += gapMillis;
        }
        for (HostState host : cluster.hosts.values()) {
            host.heardMillis += gapMillis;
            host.detachedMillis += gapMillis;
            for (Share share : host.shares.values()) {
                share.closingUntilMillis += gapMillis;
            }
        }
    }
}
