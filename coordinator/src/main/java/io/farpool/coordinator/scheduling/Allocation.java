package io.farpool.coordinator.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which session gets which slot: the slow path, run when slots or hunger have changed, never per task.
 *
 * <p>Work-conserving first, then max-min fair. A pass goes through the hungry sessions, always the one with the
 * fewest slots:
 * <ol>
 *   <li>it gets a free slot, where it has processes or code already if it can;
 *   <li>else a slot that is on its way (given up, not yet confirmed) counts as its own, the quick ones first;
 *   <li>else a session that has more slots than tasks gives one up at once;
 *   <li>else the session with the most slots gives one up, if it then still has as many as the hungry one, and if it
 *       has had
 *       that slot for a quantum. A session without any slot takes one even from a session with one: they take turns.
 * </ol>
 * What is free after that goes to the sessions that start their processes all at once: idle slots, which the next hungry
 * session takes as in the third step.
 *
 * <p>
 * A slot that is given up is granted on only when its host has confirmed. So after a pass the hungry are served, or
 * slots are on their way to
 * them, or nothing fairer exists, or a wake-up is set for when a quantum ends.
 */
final class Allocation {

    /** A hungry session within one pass; {@code has} includes what is on its way. */
    private static final class Claim {
        static final Comparator<Claim> POOREST_FIRST = Comparator.<Claim>comparingInt(claim -> claim.has)
                .thenComparingLong(claim -> claim.session.lastSlotMillis)
                .thenComparingInt(claim -> claim.session.number);

        final SessionState session;
        int has;
        int wants;

        Claim(SessionState session, int wants) {
            this.session = session;
            this.wants = wants;
            has = session.granted;
        }

        void serve() {
            has++;
            wants--;
        }
    }

    /**
     * How long a process may take to start before its slot can be taken. Else, where starting takes longer than a quantum,
     * sessions that take turns would end each other's processes before these had run anything, for ever.
     */
    private static final long STARTING_MILLIS = 30_000;
    /** What a payload is fetched at, at the slowest that is waited for: else what has come of it would come again. */
    private static final long FETCHED_BYTES_PER_MILLI = 10 << 10;

    private final Cluster cluster;
    private final long quantumMillis;

    Allocation(Cluster cluster) {
        this.cluster = cluster;
        quantumMillis = cluster.settings.quantumMillis();
    }

    /** Keeps the sets of hungry and sated sessions, and notes when a pass could change something. */
    void follow(SessionState session) {
        boolean live = cluster.sessions.get(session.number) == session;
        boolean hungry = live && session.want() > 0;
        boolean newlyHungry = hungry && !cluster.hungry.contains(session);
        keep(cluster.hungry, session, hungry);
        boolean sated = live && session.surplus() > 0;
        keep(cluster.sated, session, sated);
        boolean ahead = live && session.wantAhead() > 0;
        keep(cluster.ahead, session, ahead);
        boolean somethingToTake = !cluster.hostsWithRoom.isEmpty() || !cluster.sated.isEmpty();
        if (newlyHungry
                || (hungry && somethingToTake)
                || (sated && !cluster.hungry.isEmpty())
                || (ahead && !cluster.hostsWithRoom.isEmpty())) {
            cluster.allocationDue = true;
        }
    }

    private static void keep(Set<SessionState> set, SessionState session, boolean belongs) {
        if (belongs) {
            set.add(session);
        } else {
            set.remove(session);
        }
    }

    void run() {
        PriorityQueue<Claim> claims = new PriorityQueue<>(Claim.POOREST_FIRST);
        for (SessionState session : cluster.hungry) {
            Claim claim = new Claim(session, session.want());
            if (claim.wants > 0) {
                claims.add(claim);
            }
        }
        claims = grantFree(claims);
        // A session left out of every host with room (or of every host) is not helped by taking slots from others.
        claims.removeIf(claim -> !hasSomewhereToGo(claim.session));
        int quick = cluster.quickTransit;
        int slow = cluster.transit - quick;
        serveFromTransit(claims, quick);
        takeSurplus(claims);
        serveFromTransit(claims, slow);
        takeUnfair(claims);
        grantAhead();
    }

    private void grantAhead() {
        PriorityQueue<Claim> claims = new PriorityQueue<>(Claim.POOREST_FIRST);
        for (SessionState session : cluster.ahead) {
            int wants = session.wantAhead();
            if (wants > 0) {
                claims.add(new Claim(session, wants));
            }
        }
        grantFree(claims);
    }

    private PriorityQueue<Claim> grantFree(PriorityQueue<Claim> claims) {
        PriorityQueue<Claim> left = new PriorityQueue<>(Claim.POOREST_FIRST);
        for (Claim claim = claims.poll(); claim != null; claim = claims.poll()) {
            HostState host = bestHostWithRoom(claim.session);
            if (host != null) {
                grant(claim.session, host);
                claim.serve();
                if (claim.wants > 0) {
                    claims.add(claim);
                }
            } else {
                claim.wants = Math.min(claim.wants, claim.session.allowance());
                left.add(claim);
            }
        }
        left.removeIf(claim -> claim.wants <= 0);
        return left;
    }

    private @Nullable HostState bestHostWithRoom(SessionState session) {
        if (cluster.hostsWithRoom.isEmpty()) {
            return null;
        }
        boolean mayHoldMore = session.allowance() > 0;
        Share best = null;
        for (Share share : session.shares.values()) {
            if (share.host.listedAsRoom
                    && mayGrow(share)
                    && (share.transit() > 0 ? session.mayKeepMore() : mayHoldMore)
                    && (best == null || preference(share) > preference(best))) {
                best = share;
            }
        }
        if (best != null) {
            return best.host;
        }
        if (!mayHoldMore) {
            return null;
        }
        for (HostState host : cluster.hostsWithRoom) {
            if (accepts(host, session)) {
                return host;
            }
        }
        return null;
    }

    /** Processes that are already there count before room. */
    private static long preference(Share share) {
        return ((long) Math.max(0, share.warmProcesses - share.quota) << 32) + share.host.free;
    }

    private static boolean mayGrow(Share share) {
        return !share.backedOff && !share.full && !share.closing;
    }

    private static boolean accepts(HostState host, SessionState session) {
        Share share = session.shares.get(host);
        return host.takesWork() && (share == null || mayGrow(share));
    }

    private boolean hasSomewhereToGo(SessionState session) {
        int closed = 0;
        for (Share share : session.shares.values()) {
            if (share.backedOff || share.full || !share.host.takesWork()) {
                closed++;
            }
        }
        return closed < cluster.hosts.size();
    }

    private void grant(SessionState session, HostState host) {
        Share share = cluster.shareOf(session, host);
        int transit = share.transit();
        if (transit > 0) {
            // It is about to give one up here: it keeps that one, and whoever waits for it finds the free one.
            cluster.setSlots(share, share.quota + 1, share.held, Math.min(share.quickTransit, transit - 1));
        } else {
            cluster.setSlots(share, share.quota + 1, share.held + 1, 0);
        }
        session.lastSlotMillis = cluster.nowMillis;
    }

    /** What is on its way will serve the poorest: nothing more needs to be taken for them. */
    private static void serveFromTransit(PriorityQueue<Claim> claims, int slots) {
        for (int left = slots; left > 0 && !claims.isEmpty(); left--) {
            serveFirst(claims);
        }
    }

    private static void serveFirst(PriorityQueue<Claim> claims) {
        Claim claim = claims.remove();
        claim.serve();
        if (claim.wants > 0) {
            claims.add(claim);
        }
    }

    private void takeSurplus(PriorityQueue<Claim> claims) {
        List<Claim> unhelped = new ArrayList<>();
        while (!claims.isEmpty() && !cluster.sated.isEmpty()) {
            Claim claim = claims.element();
            Share idle = idleSlotFor(claim.session);
            if (idle == null) {
                unhelped.add(claims.remove());
                continue;
            }
            giveUp(idle);
            serveFirst(claims);
        }
        claims.addAll(unhelped);
    }

    private @Nullable Share idleSlotFor(SessionState hungry) {
        for (Iterator<SessionState> sated = cluster.sated.iterator(); sated.hasNext(); ) {
            SessionState session = sated.next();
            if (session.surplus() == 0) {
                sated.remove();
                continue;
            }
            Share idlest = null;
            for (Share share : session.shares.values()) {
                if (share.idleSlots() > 0
                        && accepts(share.host, hungry)
                        && (idlest == null || share.idleSlots() > idlest.idleSlots())) {
                    idlest = share;
                }
            }
            if (idlest != null) {
                return idlest;
            }
        }
        return null;
    }

    private void takeUnfair(PriorityQueue<Claim> claims) {
        if (claims.isEmpty()) {
            return;
        }
        PriorityQueue<SessionState> richest =
                new PriorityQueue<>(Comparator.<SessionState>comparingInt(session -> -session.granted)
                        .thenComparingInt(s -> s.number));
        for (SessionState session : cluster.sessions.values()) {
            if (session.granted > 0) {
                richest.add(session);
            }
        }
        while (!claims.isEmpty() && !richest.isEmpty()) {
            Claim poorest = claims.element();
            SessionState rich = richest.remove();
            boolean fairer = rich.granted >= poorest.has + 2 || (poorest.has == 0 && rich.granted == 1);
            if (!fairer || rich == poorest.session) {
                return;
            }
            Share share = longestHeldSlotFor(poorest.session, rich);
            if (share == null) {
                continue;
            }
            giveUp(share);
            rich.lastSlotMillis = cluster.nowMillis;
            serveFirst(claims);
            if (rich.granted > 0) {
                richest.add(rich);
            }
        }
    }

    /** Where the rich session has had a slot for a quantum and is least busy; null, and a wake-up, when nowhere yet. */
    private @Nullable Share longestHeldSlotFor(SessionState hungry, SessionState rich) {
        Share best = null;
        for (Share share : rich.shares.values()) {
            if (share.usableQuota() == 0 || !accepts(share.host, hungry)) {
                continue;
            }
            long dueMillis = share.slotsGotMillis.element() + mayKeepMillis(share);
            if (dueMillis > cluster.nowMillis) {
                // Earlier, if something runs there meanwhile: that is looked for then.
                cluster.wakeAt(Math.min(dueMillis, cluster.nowMillis + quantumMillis));
            } else if (best == null || share.lessBusyThan(best)) {
                best = share;
            }
        }
        return best;
    }

    /** What waits for its client's grant, rather than for a process, has no right to wait for long. */
    private long mayKeepMillis(Share share) {
        boolean starting = share.ranMillis < share.slotsGotMillis.element() && share.session.ungranted == 0;
        return starting ? Math.max(quantumMillis, startingMillis(share)) : quantumMillis;
    }

    /** A task whose payload has to be fetched starts later, and not at all while its client is away. */
    private static long startingMillis(Share share) {
        TaskState first = share.oldest == null ? null : share.oldest.task;
        if (first == null || !first.isFetched()) {
            return STARTING_MILLIS;
        }
        return share.session.attached ? STARTING_MILLIS + first.transferBytes / FETCHED_BYTES_PER_MILLI : 0;
    }

    private void giveUp(Share share) {
        boolean idle = share.idleSlots() > 0;
        cluster.setSlots(share, share.quota - 1, share.held, share.quickTransit + (idle ? 1 : 0));
        if (share.quota == 0) {
            Dispatch.recallAll(cluster, share);
        }
    }
}
