package io.farpool.coordinator.scheduling;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A session on a host: its slots there, and what it has been handed.
 *
 * <p>{@code quota} is what the host has been told it may have, {@code held} what it may still have until it confirms:
 * a slot belongs
 * to nobody else before that. Quotas are numbered, so that a confirmation of an older one is not taken for the
 * newest's.
 */
final class Share {
    final SessionState session;
    final HostState host;

    int quota;
    int held;
    /**
     * Of the slots given up and not confirmed, those that were idle: their confirmation is a round trip away, not a
     * task.
     */
    int quickTransit;
    /** When each slot of the quota was got, the oldest first. */
    final ArrayDeque<Long> slotsGotMillis = new ArrayDeque<>();

    /** When something that was assigned here was last heard to run, or to have run. */
    long ranMillis = Long.MIN_VALUE;

    boolean quotaChanged;
    /** Of the quota told last: what a confirmation must repeat to mean it. */
    int revision;
    /** The host is known to have had the session. */
    boolean known;
    /** The session is over; what is held here only waits for the host's word. */
    boolean closing;
    /** When the host's word is waited for no longer. */
    long closingUntilMillis;

    /** Times in a row that its processes did not become ready here. */
    int problems;
    /** Left out until then. */
    long backoffUntilMillis = Long.MIN_VALUE;

    boolean backedOff;
    /** Times in a row that the host had no room on its disk for a task's payload, and nothing there would have made it. */
    int noRooms;
    /** The smallest payload that it had no room for; none: {@link Long#MAX_VALUE}. */
    long noRoomBytes = Long.MAX_VALUE;
    /** Processes of the session that the host spoke of when it attached. */
    int warmProcesses;

    // What is assigned here, oldest first.
    @Nullable
    Attempt oldest;

    @Nullable
    Attempt newest;

    int outstanding;
    int recalls;
    /** To be sent to the host or fetched by it; of what was adopted only once the client has sent it again. */
    long outstandingBytes;

    /** Of outcomes' payloads that are at the host until the client has taken them. */
    long offeredBytes;
    /** They are more than the host keeps, or were and have not become few since. */
    boolean full;

    // What of this share is counted in the session's sums, which leave out what cannot be used now.
    private int countedQuota;
    private int countedOutstanding;
    private int countedLeaving;
    /** Names it in the session's heap; -1: not in it. Only shares that take tasks are. */
    int heapEntry = -1;

    Share(SessionState session, HostState host) {
        this.session = session;
        this.host = host;
    }

    /** Slots that tasks can be sent to now. */
    int usableQuota() {
        return countedQuota;
    }

    /** Tasks beyond what the slots can be running, those included that are given up once their task is done. */
    int prefetched() {
        return Math.max(0, countedOutstanding - countedQuota - countedLeaving);
    }

    int idleSlots() {
        return Math.max(0, countedQuota - countedOutstanding);
    }

    /** Left out, not only paused. */
    boolean isLeftOut() {
        return backedOff && quota == 0;
    }

    int transit() {
        return held - quota;
    }

    Decision.SetQuota tellQuota() {
        return new Decision.SetQuota(host.name, session.number, quota, ++revision);
    }

    void add(Attempt attempt) {
        link(attempt);
        outstanding++;
        outstandingBytes += attempt.task.transferBytes;
        recount();
    }

    private void link(Attempt attempt) {
        attempt.older = newest;
        if (newest == null) {
            oldest = attempt;
        } else {
            newest.newer = attempt;
        }
        newest = attempt;
    }

    /** It is told to the host only now, behind what the host has been told meanwhile. */
    void makeNewest(Attempt attempt) {
        unlink(attempt);
        link(attempt);
    }

    void remove(Attempt attempt) {
        unlink(attempt);
        outstanding--;
        outstandingBytes -= attempt.task.transferBytes;
        if (outstanding == 0 && outstandingBytes != 0) {
            throw new AssertionError("nothing is outstanding, of " + outstandingBytes + " bytes");
        }
        unrecall(attempt);
        recount();
    }

    /** Of the payloads that the host has fetched, or fetches, for what is assigned here. */
    long fetchedBytes(boolean startedOnly) {
        long bytes = 0;
        for (Attempt attempt = oldest; attempt != null; attempt = attempt.newer) {
            if (attempt.task.isFetched() && (attempt.started || !startedOnly)) {
                bytes += attempt.task.transferBytes;
            }
        }
        return bytes;
    }

    private void unlink(Attempt attempt) {
        Attempt older = attempt.older;
        Attempt newer = attempt.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        attempt.older = null;
        attempt.newer = null;
    }

    void recall(Attempt attempt) {
        attempt.recalled = true;
        recalls++;
        session.recalls++;
    }

    void unrecall(Attempt attempt) {
        if (attempt.recalled) {
            attempt.recalled = false;
            recalls--;
            session.recalls--;
        }
    }

    /** Recalls that may have been lost with a stream are not counted on. */
    void unrecallAll() {
        for (Attempt attempt = newest; attempt != null; attempt = attempt.older) {
            unrecall(attempt);
        }
    }

    /** Brings the session's sums and its heap up to date after anything here or at the host has changed. */
    void recount() {
        boolean usable = quota > 0 && !closing && !backedOff && !full && host.takesWork();
        int idle = idleSlots();
        int ahead = prefetched();
        int nowQuota = usable ? quota : 0;
        int nowOutstanding = usable ? outstanding : 0;
        session.granted += nowQuota - countedQuota;
        session.assigned += nowOutstanding - countedOutstanding;
        countedQuota = nowQuota;
        countedOutstanding = nowOutstanding;
        countedLeaving = usable ? transit() - quickTransit : 0;
        session.idleSlots += idleSlots() - idle;
        session.prefetched += prefetched() - ahead;
        session.heap.update(this, usable, nowOutstanding, nowQuota);
    }

    /** Whether this one is less busy for its size. Ties go by host, so that what is repeated is repeated exactly. */
    boolean lessBusyThan(Share other) {
        long mine = (long) countedOutstanding * other.countedQuota;
        long theirs = (long) other.countedOutstanding * countedQuota;
        return mine != theirs ? mine < theirs : host.number < other.host.number;
    }
}
