package io.farpool.coordinator.scheduling;

import java.util.function.Consumer;

/**
 * The limits the scheduler holds.
 *
 * @param creditTasks tasks a session may have at the coordinator; the rest waits at the client
 * @param creditBytes payload bytes a session may have at the coordinator
 * @param unacknowledgedBytes bytes of outcomes, without those that are still at hosts, that a client may leave unacknowledged before no more of its tasks are handed out
 * @param quantumMillis how long a session keeps a slot at least, while it has tasks for it
 * @param hostLeaseMillis without a word from a host for so long, its attempts are lost
 * @param reconnectGraceMillis how long a host whose stream broke may take to come back
 * @param sessionLeaseMillis how long a session outlives its broken streams
 * @param sessionEndGraceMillis how long a slot of an ended session, and the session's streams, wait for the host to
 *     confirm it empty
 * @param recoveryWindowMillis after this coordinator's start, how long a session that was open elsewhere waits for the hosts
 *     that may have something of it
 * @param pendingTasks sequence numbers a client may name as pending on one stream: its credit, and what was adopted
 * @param attemptsAfterHostLoss starts in all that a task gets after lost hosts, where it does not say
 * @param attemptsAfterFailure starts in all after dead processes and retryable failures, where a task does not say
 * @param prefetchNanos how much work a slot is sent ahead of need
 * @param prefetchTasksPerSlot the most tasks a slot is sent ahead of need
 * @param prefetchBytes the most payload bytes of one session at one host when tasks are sent ahead of need
 * @param problemBackoffMillis how long a host is left out after the first time a session's process does not become
 *     ready there; doubles
 * @param problemBackoffMaxMillis the most it doubles to
 * @param problemsToBreak failures in a row, with no host left untried, that break a session
 */
public record SchedulerSettings(
        long creditTasks,
        long creditBytes,
        long unacknowledgedBytes,
        long quantumMillis,
        long hostLeaseMillis,
        long reconnectGraceMillis,
        long sessionLeaseMillis,
        long sessionEndGraceMillis,
        long recoveryWindowMillis,
        int pendingTasks,
        int attemptsAfterHostLoss,
        int attemptsAfterFailure,
        long prefetchNanos,
        int prefetchTasksPerSlot,
        long prefetchBytes,
        long problemBackoffMillis,
        long problemBackoffMaxMillis,
        int problemsToBreak) {

    /** What was adopted from another coordinator comes on top of the credit. */
    private static final int PENDING_PER_CREDIT = 5;

    /** The defaults of docs/limits.md. */
    public static SchedulerSettings defaults() {
        return new SchedulerSettings(
                100_000,
                64L << 20,
                64L << 20,
                1_000,
                10_000,
                10_000,
                30_000,
                5_000,
                10_000,
                500_000,
                3,
                1,
                16_000_000,
                1_000,
                16L << 20,
                1_000,
                30_000,
                3);
    }

    /** A copy with other credits; a client may name five times as many tasks as pending, if that is more than before. */
    public SchedulerSettings withCredit(long tasks, long bytes) {
        return with(draft -> {
            draft.creditTasks = positive("credit in tasks", tasks);
            draft.creditBytes = positive("credit in bytes", bytes);
            draft.pendingTasks = (int) Math.min(Integer.MAX_VALUE, Math.max(pendingTasks, PENDING_PER_CREDIT * tasks));
        });
    }

    /** A copy with another bound of what a client has not acknowledged. */
    public SchedulerSettings withUnacknowledgedBytes(long bytes) {
        return with(draft -> draft.unacknowledgedBytes = positive("unacknowledged bytes", bytes));
    }

    /** A copy with another quantum. */
    public SchedulerSettings withQuantumMillis(long millis) {
        return with(draft -> draft.quantumMillis = positive("quantum in milliseconds", millis));
    }

    /** A copy with other leases: a host's silence, its reconnecting, and a session's broken streams. */
    public SchedulerSettings withLeases(long hostMillis, long reconnectMillis, long sessionMillis) {
        return with(draft -> {
            draft.hostLeaseMillis = positive("host lease in milliseconds", hostMillis);
            draft.reconnectGraceMillis = positive("reconnect grace in milliseconds", reconnectMillis);
            draft.sessionLeaseMillis = positive("session lease in milliseconds", sessionMillis);
        });
    }

    /** A copy with another recovery window. */
    public SchedulerSettings withRecoveryWindowMillis(long millis) {
        return with(draft -> draft.recoveryWindowMillis = positive("recovery window in milliseconds", millis));
    }

    private static long positive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("the " + what + " must be greater than 0, not " + value);
        }
        return value;
    }

    private SchedulerSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** A copy to change something in. */
    private static final class Draft {
        private long creditTasks;
        private long creditBytes;
        private long unacknowledgedBytes;
        private long quantumMillis;
        private long hostLeaseMillis;
        private long reconnectGraceMillis;
        private long sessionLeaseMillis;
        private long recoveryWindowMillis;
        private int pendingTasks;
        private final SchedulerSettings from;

        Draft(SchedulerSettings from) {
            this.from = from;
            creditTasks = from.creditTasks;
            creditBytes = from.creditBytes;
            unacknowledgedBytes = from.unacknowledgedBytes;
            quantumMillis = from.quantumMillis;
            hostLeaseMillis = from.hostLeaseMillis;
            reconnectGraceMillis = from.reconnectGraceMillis;
            sessionLeaseMillis = from.sessionLeaseMillis;
            recoveryWindowMillis = from.recoveryWindowMillis;
            pendingTasks = from.pendingTasks;
        }

        SchedulerSettings settings() {
            return new SchedulerSettings(
                    creditTasks,
                    creditBytes,
                    unacknowledgedBytes,
                    quantumMillis,
                    hostLeaseMillis,
                    reconnectGraceMillis,
                    sessionLeaseMillis,
                    from.sessionEndGraceMillis,
                    recoveryWindowMillis,
                    pendingTasks,
                    from.attemptsAfterHostLoss,
                    from.attemptsAfterFailure,
                    from.prefetchNanos,
                    from.prefetchTasksPerSlot,
                    from.prefetchBytes,
                    from.problemBackoffMillis,
                    from.problemBackoffMaxMillis,
                    from.problemsToBreak);
        }
    }
}
