package io.farpool.session;

import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks without a completion: which of them wait here, which have been sent, and what of these counts for the credit.
 *
 * <p>A task is waiting, then sent; and waiting once more when the coordinator wants it again. Not thread-safe, as the core it
 * belongs to.
 */
final class PendingTasks {
    private final Map<Long, TaskFuture<?>> bySequence = new LinkedHashMap<>();
    private final WaitingTasks waiting = new WaitingTasks();
    private final SharedValues shared = new SharedValues();
    private long lastSequence;

    private Credit credit = Credit.getDefaultInstance();
    /** Names the coordinator's count that credit and these two totals belong to; a task carries the one it is in. */
    private int count = 1;

    private long tasksCounted;
    private long bytesCounted;
    /** Those that count and have no completion. */
    private long outstanding;
    /** Those whose withdrawal the core knows of: nobody waits for them. */
    private int withdrawn;

    // ------------------------------------------------------------------------------------------------ asking

    int size() {
        return bySequence.size();
    }

    /** Whether none of them is one that anybody waits for. */
    boolean areAllWithdrawn() {
        return bySequence.size() == withdrawn;
    }

    @Nullable
    TaskFuture<?> get(long sequence) {
        return bySequence.get(sequence);
    }

    /** In the order of submission. */
    List<TaskFuture<?>> all() {
        return new ArrayList<>(bySequence.values());
    }

    /** Those that a coordinator has been sent, in the order of submission. */
    List<TaskFuture<?>> sent() {
        List<TaskFuture<?>> sent = new ArrayList<>();
        for (TaskFuture<?> future : bySequence.values()) {
            if (future.isSent()) {
                sent.add(future);
            }
        }
        return sent;
    }

    /** Whether none waits, for credit or for a shared value. */
    boolean noneWaits() {
        return waiting.peek() == null && shared.noneWaits();
    }

    /** What they share. */
    SharedValues shared() {
        return shared;
    }

    // ------------------------------------------------------------------------------------------------ a task's way

    void add(TaskFuture<?> future) {
        future.sequence(++lastSequence);
        bySequence.put(lastSequence, future);
        if (future.shared().isEmpty()) {
            waiting.add(future);
        } else {
            shared.add(future);
            if (shared.isReady(future)) {
                waiting.add(future);
            }
        }
    }

    /** The coordinator has a shared value: tasks that have waited for it wait for credit now. */
    void sharedSent(SharedValues.Upload upload) {
        shared.sent(upload).forEach(waiting::addOutOfTurn);
    }

    /**
     * Nobody waits for it any more.
     *
     * @return whether the coordinator has to be told, because it was sent
     */
    boolean withdraw(TaskFuture<?> future, boolean evenIfRunning) {
        if (bySequence.get(future.sequence()) != future) {
            return false;
        }
        waiting.remove(future);
        if (!future.isSent()) {
            bySequence.remove(future.sequence());
            shared.done(future);
            return false;
        }
        if (!future.isCancelSent()) {
            withdrawn++;
        }
        future.cancelSent(evenIfRunning);
        return true;
    }

    /** The next task to be sent within the credit; null if there is none. It counts as sent. */
    @Nullable
    Task sendNext() {
        while (true) {
            TaskFuture<?> next = waiting.peek();
            if (next == null || !isWithinCredit(next.payloadBytes())) {
                return null;
            }
            waiting.remove(next);
            Task task = next.send(count);
            if (task == null) {
                continue; // a user's thread has just withdrawn it; that event follows
            }
            tasksCounted++;
            bytesCounted += next.payloadBytes();
            outstanding++;
            return task;
        }
    }

    private boolean isWithinCredit(int payloadBytes) {
        return tasksCounted < credit.getTasks()
                && (bytesCounted + payloadBytes <= credit.getPayloadBytes() || outstanding == 0);
    }

    /**
     * It has a completion.
     *
     * @param uncounted the coordinator has not counted it: what was sent of it has been lost on its way
     */
    @Nullable
    TaskFuture<?> complete(long sequence, boolean uncounted) {
        TaskFuture<?> future = bySequence.get(sequence);
        if (future == null || !future.isSent()) {
            return null; // it has been completed, or nobody can know of it yet
        }
        bySequence.remove(sequence);
        waiting.remove(future);
        shared.done(future);
        if (future.isCountedIn(count)) {
            outstanding--;
            if (uncounted) {
                tasksCounted--;
                bytesCounted -= future.payloadBytes();
            }
        }
        if (future.isCancelSent()) {
            withdrawn--;
        }
        return future;
    }

    /** What waits stays pending, and is not sent any more. */
    void sendNoMore() {
        waiting.clear();
        shared.sendNoMore();
    }

    /** Nothing is pending any more. */
    void clear() {
        bySequence.values().forEach(shared::done);
        bySequence.clear();
        waiting.clear();
        outstanding = 0;
        withdrawn = 0;
    }

    // ------------------------------------------------------------------------------------------------ the coordinator

    void credit(Credit granted) {
        credit = granted;
    }

    /**
     * The session is open at a coordinator.
     *
     * @param known the coordinator has counted before, and goes on
     */
    void opened(boolean known, Credit granted) {
        if (!known) {
            count++;
            tasksCounted = 0;
            bytesCounted = 0;
            outstanding = 0;
        }
        credit = granted;
        // It is told that they are pending, and will say whether it wants them.
        waiting.removeSentBefore();
        shared.opened(known);
        if (!known && shared.any()) {
            for (TaskFuture<?> future : bySequence.values()) {
                if (!future.shared().isEmpty() && !future.isSent() && !future.isWithdrawn()) {
                    waiting.remove(future);
                    if (shared.isReady(future)) {
                        waiting.addOutOfTurn(future);
                    }
                }
            }
        }
    }

    /**
     * Nobody has the bytes of these tasks. They wait again, at the front, and count no more.
     *
     * @param alreadyWithdrawn is given those that nobody waits for, whose cancel is to be repeated
     * @param sentAgain is given the others: no outcome of theirs is anywhere
     */
    void wanted(
            SequenceInterval interval, Consumer<TaskFuture<?>> alreadyWithdrawn, Consumer<TaskFuture<?>> sentAgain) {
        long first = Math.max(1, interval.getFirst());
        long last = Math.min(lastSequence, interval.getLast());
        if (last - first < bySequence.size()) {
            for (long sequence = first; sequence <= last; sequence++) {
                TaskFuture<?> future = bySequence.get(sequence);
                if (future != null) {
                    wanted(future, alreadyWithdrawn, sentAgain);
                }
            }
        } else {
            for (TaskFuture<?> future : bySequence.values()) {
                if (future.sequence() >= first && future.sequence() <= last) {
                    wanted(future, alreadyWithdrawn, sentAgain);
                }
            }
        }
    }

    private void wanted(
            TaskFuture<?> future, Consumer<TaskFuture<?>> alreadyWithdrawn, Consumer<TaskFuture<?>> sentAgain) {
        if (!future.isSent() || future.isWaiting() || future.sharedMissing() > 0) {
            return;
        }
        if (future.isCountedIn(count)) {
            tasksCounted--;
            bytesCounted -= future.payloadBytes();
            outstanding--;
            future.uncount();
        }
        if (future.isCancelSent()) {
            alreadyWithdrawn.accept(future);
        } else if (!future.isWithdrawn()) { // else that event follows
            sentAgain.accept(future);
            future.wanted();
            if (shared.isReady(future)) {
                waiting.add(future);
            }
        }
    }
}
