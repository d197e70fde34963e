package io.farpool.coordinator.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the parts of the scheduler share: everything it knows, and the way out for decisions. */
final class Cluster {
    final SchedulerSettings settings;
    /** Names this coordinator's life. */
    final long epoch;

    private final Consumer<? super Decision> decisions;
    /** When this coordinator began, later by what it stood still since. */
    long startMillis;

    long nowMillis;

    final Map<Integer, SessionState> sessions = new LinkedHashMap<>();
    final Map<String, SessionState> sessionsById = new HashMap<>();
    final Map<String, HostState> hosts = new LinkedHashMap<>();
    /** Hosts that take work and have free slots, the one with the most first. */
    final TreeSet<HostState> hostsWithRoom =
            new TreeSet<>(Comparator.<HostState>comparingInt(host -> -host.free).thenComparingInt(host -> host.number));

    /** Assigned ones, and ended ones until acknowledged. Never iterated. */
    final ByNumber<Attempt> attempts = new ByNumber<>();

    final Set<SessionState> hungry = new LinkedHashSet<>();
    final Set<SessionState> sated = new LinkedHashSet<>();
    /** Those that would start processes ahead of their tasks. */
    final Set<SessionState> ahead = new LinkedHashSet<>();
    /** Sessions that wait for what hosts have of them. */
    final Set<SessionState> recovering = new LinkedHashSet<>();

    boolean allocationDue;
    /** Slots given up and not yet confirmed, and those of them that were idle. */
    int transit;

    int quickTransit;

    private List<SessionState> touched = new ArrayList<>();
    private final ArrayDeque<Share> quotasChanged = new ArrayDeque<>();
    /** When time alone can change something next. */
    private long deadlineMillis = Long.MAX_VALUE;

    private long lastAttempt;
    private int lastHost;

    Cluster(SchedulerSettings settings, long epoch, long startMillis, Consumer<? super Decision> decisions) {
        this.settings = settings;
        this.epoch = epoch;
        this.startMillis = startMillis;
        nowMillis = startMillis;
        this.decisions = decisions;
    }

    void emit(Decision decision) {
        decisions.accept(decision);
    }

    long nextAttempt() {
        return ++lastAttempt;
    }

    /** Nobody can ask for it any more. */
    void forget(Attempt attempt) {
        attempts.remove(attempt.id);
        if (attempt.formerName != null) {
            attempt.share.host.adopted.remove(attempt.formerName);
        }
    }

    /** The host is done with the attempt, whatever became of it. */
    void release(Attempt attempt) {
        TaskState task = attempt.task;
        attempt.share.remove(attempt);
        if (!attempt.granted) {
            attempt.granted = true;
            task.session.ungranted--;
        }
        task.attempt = null;
        touch(task.session);
    }

    /** An attempt that was waiting for its grant goes no further: its host has never heard of it. */
    void takeBack(Attempt ungranted) {
        release(ungranted);
        forget(ungranted);
        ungranted.task.session.enqueue(ungranted.task);
    }

    int nextHost() {
        return ++lastHost;
    }

    /**
     * The session's demand, slots or queue may have changed: it is looked at when everything that came together has
     * been applied.
     */
    void touch(SessionState session) {
        if (!session.touched) {
            session.touched = true;
            touched.add(session);
        }
    }

    List<SessionState> takeTouched() {
        List<SessionState> taken = touched;
        touched = new ArrayList<>();
        for (SessionState session : taken) {
            session.touched = false;
        }
        return taken;
    }

    boolean anythingTouched() {
        return !touched.isEmpty();
    }

    void wakeAt(long millis) {
        deadlineMillis = Math.min(deadlineMillis, millis);
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    void clearDeadline() {
        deadlineMillis = Long.MAX_VALUE;
    }

    /** Changes what a share has and may still have, and everything that follows from it. */
    void setSlots(Share share, int quota, int held, int quickTransit) {
        HostState host = share.host;
        int given = share.held - held;
        if (given != 0) {
            unlistRoom(host);
            host.free += given;
            share.session.held -= given;
        }
        this.transit += (held - quota) - share.transit();
        this.quickTransit += quickTransit - share.quickTransit;
        while (share.slotsGotMillis.size() > quota) {
            share.slotsGotMillis.removeFirst();
        }
        while (share.slotsGotMillis.size() < quota) {
            share.slotsGotMillis.addLast(nowMillis);
        }
        if (share.quota != quota && !share.quotaChanged) {
            share.quotaChanged = true;
            quotasChanged.add(share);
        }
        share.session.quotas += quota - share.quota;
        share.quota = quota;
        share.held = held;
        share.quickTransit = quickTransit;
        share.recount();
        touch(share.session);
        if (given > 0) {
            allocationDue = true;
        }
        listRoom(host);
    }

    /** Takes a share out altogether. What was assigned to it has been dealt with. */
    void removeShare(Share share) {
        setSlots(share, 0, 0, 0);
        share.session.shares.remove(share.host);
        share.session.hostsChanged = true;
        share.host.shares.remove(share.session.number);
        if (share.session.ending && share.session.shares.isEmpty()) {
            share.session.ending = false;
            emit(new Decision.EndSession(share.session.number, false));
        }
    }

    Share shareOf(SessionState session, HostState host) {
        Share share = session.shares.get(host);
        if (share == null) {
            share = new Share(session, host);
            session.shares.put(host, share);
            host.shares.put(session.number, share);
            session.hostsChanged = true;
            if (session.recovering && !host.held.containsKey(session.id)) {
                session.begunAt.add(host.name);
            }
            touch(session);
            emit(new Decision.OpenSession(host.name, session.number));
        }
        return share;
    }

    @Nullable
    Share shareAt(HostState host, int session) {
        return host.shares.get(session);
    }

    /** Slots that processes of a session nobody has spoken for occupy: nobody else gets them. */
    void reserve(HostState host, HeldSession held, int slots) {
        int freed = held.reserved - slots;
        if (freed != 0) {
            unlistRoom(host);
            held.reserved = slots;
            host.free += freed;
            allocationDue |= freed > 0;
            listRoom(host);
        }
    }

    /** Call when whether the host takes work, or what is free there, has changed. */
    void listRoom(HostState host) {
        boolean belongs = host.takesWork() && host.free > 0 && hosts.get(host.name) == host;
        if (host.listedAsRoom && !belongs) {
            unlistRoom(host);
        } else if (!host.listedAsRoom && belongs) {
            host.listedAsRoom = true;
            hostsWithRoom.add(host);
        }
    }

    void unlistRoom(HostState host) {
        if (host.listedAsRoom) {
            host.listedAsRoom = false;
            hostsWithRoom.remove(host);
        }
    }

    void emitQuotas() {
        for (Share share = quotasChanged.poll(); share != null; share = quotasChanged.poll()) {
            share.quotaChanged = false;
            if (!share.closing
                    && hosts.get(share.host.name) == share.host
                    && share.session.shares.get(share.host) == share) {
                emit(share.tellQuota());
            }
        }
    }
}
