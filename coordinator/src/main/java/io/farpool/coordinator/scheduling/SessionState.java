package io.farpool.coordinator.scheduling;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
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
    final Map<Long, TaskState> tasks = new HashMap<>();

    final TaskQueue queue = new TaskQueue();
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
    /** Tasks that are not done. */
    int unfinished;

    final ArrayDeque<Unacknowledged> unacknowledged = new ArrayDeque<>();
    long unacknowledgedBytes;
    private final long unacknowledgedLimitBytes;
    long completions;
    long failures;

    long submittedTasks;
    long submittedBytes;
    long finishedBytes;
    long creditToldTasks;

    boolean closing;
    /** It has ended, and its streams end once the hosts have confirmed that its processes are gone. */
    boolean ending;

    Decision.@Nullable BreakSession broken;
    boolean attached;
    long detachedMillis;
    /** Times in a row, over all hosts, that its processes did not become ready. */
    int problems;

    boolean touched;
    long lastSlotMillis = Long.MIN_VALUE;

    SessionState(Event.SessionOpened opened, SchedulerSettings settings, long nowMillis) {
        number = opened.session();
        id = opened.sessionId();
        maxWorkers = opened.maxWorkers();
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
