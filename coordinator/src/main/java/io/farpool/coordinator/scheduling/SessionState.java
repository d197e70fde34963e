package io.farpool.coordinator.scheduling;

import io.farpool.proto.v1.SequenceInterval;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One session: its tasks, its slots, and what its client has been told. */
final class SessionState {

    /**
     * A completion the client may have to be sent again; {@code attempt} is the one whose host waits for the
     * acknowledgement.
     */
    record Unacknowledged(Decision.Complete completion, TaskState task, @Nullable Attempt attempt) {}

    final int number;
    final String id;
    final int maxWorkers;
    final boolean allAtOnce;
    final long openedMillis;

    /** By sequence: everything not acknowledged. Never iterated, so its order does not matter. */
    final ByNumber<TaskState> tasks = new ByNumber<>();

    final TaskQueue queue = new TaskQueue();
    /** Pending at the client; hosts may still claim them. */
    final TreeMap<Long, TaskState> unclaimed = new TreeMap<>();
    /** Their bytes are waited for. */
    final TreeMap<Long, TaskState> wanted = new TreeMap<>();
    /** Of those, the ones the client has yet to be asked for. */
    private final TreeSet<Long> wantedUntold = new TreeSet<>();
    /** How many the client was told of, and has not sent since. Some may have been adopted meanwhile. */
    private int onTheirWay;
    /** They need a grant, and the client cannot be asked. */
    final TreeMap<Long, TaskState> parked = new TreeMap<>();

    /** Their outcomes' payloads are at hosts, and the client has not taken them. */
    final TreeMap<Long, TaskState> offered = new TreeMap<>();

    /** By host, in the order they came. */
    final Map<HostState, Share> shares = new LinkedHashMap<>();

    final ShareHeap heap = new ShareHeap();
    final Prefetch prefetch;

    // Sums over the shares that tasks can be sent to; Share.recount keeps them.
    int granted;
    int assigned;
    int idleSlots;
    int prefetched;
    /** Over all shares: slots that may have a process. What maxWorkers caps. */
    int held;
    /** Over all shares: what hosts were told they may have, without what they are giving up. */
    int quotas;

    int recalls;
    /** Attempts that wait for the client's grant. */
    int ungranted;
    /** Tasks that are not done. */
    int unfinished;

    final ArrayDeque<Unacknowledged> unacknowledged = new ArrayDeque<>();
    long unacknowledgedBytes;
    private final long unacknowledgedLimitBytes;
    long completions;
    long failures;

    // In the credit: what was submitted here. Adopted tasks are in neither sum.
    long submittedTasks;
    long submittedBytes;
    long finishedTasks;
    long finishedBytes;
    long creditToldTasks;

    boolean closing;
    /** It has ended, and its streams end once the hosts have confirmed that its processes are gone. */
    boolean ending;

    Decision.@Nullable BreakSession broken;
    boolean attached;
    /** The client can be asked for grants. */
    boolean answering;
    /** Any task has ever needed one. */
    private boolean usesGrants;
    /** It was open before, elsewhere or here. */
    final boolean resumed;
    /** Since it was opened here, the client has said what is pending. */
    boolean pendingKnown;
    /** It has said so on the submit stream that is there now. */
    boolean pendingTold;
    /** A submit stream is there. */
    boolean submitting;
    /** Said on a completions stream, while what is pending was on its way on the other and may name it still. */
    long acknowledgedAhead;
    /** What was wanted on a completions stream that is gone may not have arrived, nor may it be asked for twice. */
    boolean wantedInDoubt;
    /** What is pending is not wanted before the hosts have been heard. */
    boolean recovering;
    /** Hosts that had nothing of it when it was introduced to them here: what they say later of it proves nothing. */
    final Set<String> begunAt = new HashSet<>();
    /** Hosts that may have something of it, and have not attached yet. Empty once it has recovered. */
    final Set<String> awaitedHosts = new LinkedHashSet<>();
    /** The client has not been told of all changes of where something of it may be. */
    boolean hostsChanged;

    long detachedMillis;
    /** Times in a row, over all hosts, that its processes did not become ready. */
    int problems;

    boolean touched;
    long lastSlotMillis = Long.MIN_VALUE;

    SessionState(Event.SessionOpened opened, SchedulerSettings settings, long nowMillis) {
        number = opened.session();
        id = opened.sessionId();
        maxWorkers = opened.maxWorkers();
        resumed = opened.resuming();
        allAtOnce = opened.allAtOnce();
        openedMillis = nowMillis;
        detachedMillis = nowMillis;
        unacknowledgedLimitBytes = settings.unacknowledgedBytes();
        prefetch = new Prefetch(settings);
    }

    /**
     * Its client leaves so much unacknowledged that nothing more is run for it: the one exception to being
     * work-conserving.
     */
    boolean stalled() {
        return unacknowledgedBytes > unacknowledgedLimitBytes;
    }

    /** A task that has no attempt (any more) waits: for a slot, for the client's streams, or for its bytes. */
    void enqueue(TaskState task) {
        if (!task.hasBytes()) {
            want(task);
        } else if (task.needsGrant()) {
            usesGrants = true;
            if (answering) {
                queue(task);
            } else {
                task.state = TaskState.State.PARKED;
                parked.put(task.sequence, task);
            }
        } else {
            queue(task);
        }
    }

    private void queue(TaskState task) {
        task.state = TaskState.State.QUEUED;
        queue.add(task);
    }

    void want(TaskState task) {
        task.state = TaskState.State.WANTED;
        task.asked = true;
        wanted.put(task.sequence, task);
        if (!task.onItsWay) {
            wantedUntold.add(task.sequence);
        }
    }

    /** The client has been told that the task's bytes are wanted; or they have come, or were lost on their way. */
    void onItsWay(TaskState task, boolean now) {
        if (task.onItsWay != now) {
            task.onItsWay = now;
            onTheirWay += now ? 1 : -1;
        }
    }

    /** Takes out a task that waits. */
    void dequeue(TaskState task) {
        switch (task.state) {
            case QUEUED -> queue.remove(task);
            case PARKED -> parked.remove(task.sequence);
            case WANTED -> {
                wanted.remove(task.sequence);
                wantedUntold.remove(task.sequence);
            }
            case UNCLAIMED -> unclaimed.remove(task.sequence);
            case ASSIGNED, OFFERED, DONE -> throw new AssertionError("task " + task.sequence + " does not wait");
        }
    }

    /** The client can be asked for grants from now on, or cannot. */
    void answering(boolean now) {
        answering = now;
        if (!usesGrants) {
            return;
        }
        if (now) {
            parked.values().forEach(this::queue);
            parked.clear();
        } else {
            for (TaskState task : queue.all()) {
                if (task.needsGrant()) {
                    queue.remove(task);
                    enqueue(task);
                }
            }
        }
    }

    /** The client says anew what is pending: of what is wanted, it has to be told what it names and nothing else. */
    void tellNoneWanted() {
        wantedUntold.clear();
        wantedInDoubt = false;
    }

    void tellWanted(TaskState task) {
        wantedUntold.add(task.sequence);
    }

    /** The client was told of some that they are wanted, and they have not come. */
    boolean awaitsWanted() {
        return pendingTold && onTheirWay > 0;
    }

    /**
     * What the client has yet to be asked for: not before it has said, on the streams that are there now, what is pending.
     * So it is never asked twice for what is on its way, and its count of what it has sent is never too low.
     */
    List<SequenceInterval> takeUntold() {
        if (wantedUntold.isEmpty() || !answering || !pendingTold) {
            return List.of();
        }
        List<SequenceInterval> intervals = new ArrayList<>();
        long first = wantedUntold.first();
        long last = first - 1;
        for (long sequence : wantedUntold) {
            if (sequence != last + 1) {
                intervals.add(interval(first, last));
                first = sequence;
            }
            last = sequence;
        }
        intervals.add(interval(first, last));
        for (long sequence : wantedUntold) {
            TaskState task = wanted.get(sequence);
            if (task != null) {
                onItsWay(task, true);
            }
        }
        wantedUntold.clear();
        return intervals;
    }

    private static SequenceInterval interval(long first, long last) {
        return SequenceInterval.newBuilder().setFirst(first).setLast(last).build();
    }

    /** Everything of it that is not done is nothing to it any more. */
    void dropTasks() {
        while (!queue.isEmpty()) {
            queue.poll();
        }
        parked.clear();
        unclaimed.clear();
        wanted.clear();
        wantedUntold.clear();
        offered.clear();
        tasks.clear();
        unacknowledged.forEach(told -> tasks.put(told.task().sequence, told.task()));
        onTheirWay = 0;
        unfinished = 0;
        ungranted = 0;
    }

    /** It was open before, and the client has still to say what is pending: what hosts have of it is left as it is. */
    boolean awaitsPending() {
        return resumed && !pendingKnown;
    }

    /** The client has the completion of that task, so nobody will ever ask for it again. */
    boolean isSettled(long sequence) {
        return !awaitsPending() && !tasks.contains(sequence);
    }

    /** Everywhere that something of it may be. */
    List<String> hosts() {
        Set<String> hosts = new LinkedHashSet<>(awaitedHosts);
        shares.keySet().forEach(host -> hosts.add(host.name));
        return List.copyOf(hosts);
    }

    /** Slots it has a use for now: never more than tasks, never more than its cap. */
    int demand() {
        int tasks = stalled() ? assigned : queue.size() + assigned;
        return maxWorkers > 0 ? Math.min(tasks, maxWorkers) : tasks;
    }

    /** Slots it lacks. */
    int want() {
        return Math.max(0, demand() - granted);
    }

    /** Slots it would start processes in ahead of its tasks, if nobody has a task for them. */
    int wantAhead() {
        if (!allAtOnce || submittedTasks == 0 || closing || broken != null || stalled()) {
            return 0;
        }
        return maxWorkers > 0 ? Math.max(0, maxWorkers - Math.max(granted, demand())) : Integer.MAX_VALUE;
    }

    /** Slots it has and does not need. */
    int surplus() {
        return Math.max(0, granted - demand());
    }

    /** Whether it may keep a slot that it is giving up. */
    boolean mayKeepMore() {
        return maxWorkers == 0 || quotas < maxWorkers;
    }

    /** Slots that its cap leaves room for. Until a host confirms giving one up, that one counts. */
    int allowance() {
        return maxWorkers > 0 ? Math.max(0, maxWorkers - held) : Integer.MAX_VALUE;
    }
}
