package io.farpool.session;

import io.farpool.PoolFuture;
import io.farpool.TaskInfo;
import io.farpool.codec.PayloadCodec;
import io.farpool.payload.PayloadFile;
import io.farpool.process.ChunkOutcomes;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.Task;
import io.farpool.shared.SharedBytes;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The future of a session's task, with the task's bytes until it has been completed. What stands under "for the session's
 * core" belongs to that alone, and to the one thread that drives it at a time; everything else is thread-safe.
 *
 * @param <T> the type of the result
 */
public final class TaskFuture<T> extends PoolFuture<T> implements SessionEvent.Submission {
    /** The session this belongs to. */
    interface Owner {
        String id();

        /** Nobody waits for it any more. Does not block. */
        void withdraw(TaskFuture<?> future, boolean evenIfRunning);
    }

    private final Owner owner;
    private final int payloadBytes;
    private final int priority;
    private final String name;
    private final TaskStory story = new TaskStory(System.currentTimeMillis());

    /** Without its sequence number; null when it has been completed. */
    private volatile @Nullable Task task;

    /** Null while neither the payload nor an outcome is large. */
    private volatile @Nullable TaskFiles files;

    private volatile long sequence;
    private volatile boolean withdrawn;

    // The core's own.
    private final AttemptCount attempts;
    private List<SharedBytes> shared;
    /** How many of these the coordinator does not have, while this waits for them. */
    private int sharedMissing;

    private boolean sent;
    private boolean waiting;
    private boolean cancelSent;
    private boolean stopIfRunning;
    private int countedIn;
    private SessionCore.@Nullable Offer offer;

    TaskFuture(Owner owner, Task task, int payloadBytes) {
        this(owner, task, payloadBytes, null, List.of());
    }

    /**
     * @param payloadBytes what counts for the credit
     * @param argument the file of the task's payload; null if that is inside the message
     * @param shared what the task has captured, each held for it
     */
    TaskFuture(Owner owner, Task task, int payloadBytes, @Nullable KeptFile argument, List<SharedBytes> shared) {
        this.files = argument == null ? null : new TaskFiles(argument);
        this.owner = owner;
        this.shared = shared;
        this.task = task;
        this.priority = task.getPriority();
        this.attempts = new AttemptCount(task);
        this.name = task.getName();
        this.payloadBytes = payloadBytes;
    }

    // ------------------------------------------------------------------------------------------ for the session's core

    @Override
    public void applyTo(SessionCore core) {
        core.submitted(this);
    }

    void sequence(long assigned) {
        sequence = assigned;
    }

    long sequence() {
        return sequence;
    }

    int priority() {
        return priority;
    }

    int payloadBytes() {
        return payloadBytes;
    }

    /** The shared values it has captured. */
    List<SharedBytes> shared() {
        return shared;
    }

    /** It needs them no more. */
    void releaseShared() {
        List<SharedBytes> held = shared;
        shared = List.of();
        held.forEach(SharedBytes::release);
    }

    int sharedMissing() {
        return sharedMissing;
    }

    void sharedMissing(int missing) {
        sharedMissing = missing;
    }

    /** Whether its bytes are not needed any more; the core may hear of it a little later. */
    boolean isWithdrawn() {
        return withdrawn;
    }

    /** Whether it has ever been sent, to whichever coordinator. */
    boolean isSent() {
        return sent;
    }

    /** Whether it is among the {@link WaitingTasks}. */
    boolean isWaiting() {
        return waiting;
    }

    void waiting(boolean waits) {
        waiting = waits;
    }

    /** Whether it counts for the credit that has this number. */
    boolean isCountedIn(int count) {
        return countedIn == count;
    }

    void uncount() {
        countedIn = 0;
    }

    boolean isCancelSent() {
        return cancelSent;
    }

    void cancelSent(boolean evenIfRunning) {
        cancelSent = true;
        stopIfRunning |= evenIfRunning;
    }

    /** The cancel that a coordinator is to have; null if the task is still wanted. */
    @Nullable
    Cancel cancelRequest() {
        return cancelSent
                ? Cancel.newBuilder()
                        .setSequence(sequence)
                        .setEvenIfRunning(stopIfRunning)
                        .build()
                : null;
    }

    /**
     * The task as it goes to the coordinator; null if a user's thread has withdrawn it in this very moment.
     *
     * @param count names the credit that it counts for from now on
     */
    @Nullable
    Task send(int count) {
        Task described = task;
        if (described == null) {
            return null;
        }
        sent = true;
        countedIn = count;
        return described.toBuilder()
                .setSequence(sequence)
                .setAttemptsUsed(attempts.used())
                .build();
    }

    /** What a coordinator has to know of it besides that it is pending; null if there is nothing. */
    @Nullable
    PendingTask asPending() {
        return attempts.asPending(sequence, priority);
    }

    /** The serialized callable, while this is pending. */
    @Nullable
    Payload payload() {
        Task described = task;
        return described == null ? null : described.getPayload();
    }

    /** The newest outcome that was offered, and is not known to have been withdrawn. */
    SessionCore.@Nullable Offer offer() {
        return offer;
    }

    void offered(SessionCore.Offer newest) {
        offer = newest;
        TaskFiles kept = files;
        if (kept != null && !kept.hasOutcome(newest.reference())) {
            kept.dropOutcome();
        }
    }

    /** Nothing is offered any more; what has arrived may yet be offered again. */
    void offersNothing() {
        offer = null;
    }

    /** Nobody waits for it any more, because it fails for a reason that lies outside the task. */
    void abandon() {
        withdrawn = true;
    }

    /** Nothing is offered any more, and what has arrived is not needed. */
    void dropOutcome() {
        offer = null;
        TaskFiles kept = files;
        if (kept != null) {
            kept.dropOutcome();
        }
    }

    void started(Place place) {
        attempts.started(place);
        story.started(place);
        markRunning();
    }

    void retried(Retry retry) {
        attempts.retried(retry);
        dropOutcome();
        story.retried(retry);
        markPending();
    }

    void granted(Grant newest) {
        attempts.granted(newest);
        story.granted(newest.getHost());
    }

    /** Nobody has it any more, and it is to be sent again. If it had started, that start has come to nothing. */
    void wanted() {
        attempts.wanted();
        dropOutcome();
        story.sentAgain();
        markPending();
    }

    // ------------------------------------------------------------------------------------------ for large payloads

    /** The file of the task's payload; null if that is inside the message, or not needed any more. */
    @Nullable
    PayloadFile argumentFile() {
        TaskFiles kept = files;
        return kept == null ? null : kept.argument();
    }

    /** Gives up the file of the task's payload to the caller. */
    @Nullable
    KeptFile takeArgumentFile() {
        TaskFiles kept = files;
        return kept == null ? null : kept.takeArgument();
    }

    /** Whether what was offered is here. */
    boolean hasOutcome(PayloadReference reference) {
        TaskFiles kept = files;
        return kept != null && kept.hasOutcome(reference);
    }

    /** An outcome's payload has arrived. Called by one thread at a time. */
    void keepOutcome(KeptFile arrived) {
        TaskFiles kept = files;
        if (kept == null) {
            kept = new TaskFiles(null);
            files = kept;
        }
        kept.keepOutcome(arrived);
        if (withdrawn) { // perhaps before that could be seen
            kept.dropOutcome();
        }
    }

    /** On threads that may wait for the disk. */
    private void letGo() {
        task = null;
        TaskFiles kept = files;
        if (kept != null) {
            kept.close();
        }
    }

    // ------------------------------------------------------------------------------------------ completing it

    /**
     * Has a thread that waits for this run its delivery, which is {@link #deliverQuietly}.
     *
     * @return false if none does, or the delivery may need a completion thread
     */
    boolean askWaiter(Completion completion, Runnable delivery) {
        Outcome outcome = completion.getOutcome();
        return !outcome.hasCancelled() && !Outcomes.isLarge(outcome) && askWaiter(delivery);
    }

    /**
     * Completes this with a task's outcome if that runs no more of the user's code than decoding does.
     *
     * @return what a completion thread has to do; null if that is nothing
     */
    @Nullable
    Runnable deliverQuietly(Completion completion, PayloadCodec payloads) {
        letGo();
        story.ended(completion.getOutcome());
        Decoded<T> decoded = decode(completion, payloads, null);
        return settleQuietly(decoded.value(), decoded.thrown()) ? null : () -> settle(decoded);
    }

    /** Completes this with a task's outcome. Decodes, so it runs user code. */
    void deliver(Completion completion, PayloadCodec payloads) {
        TaskFiles kept = files;
        KeptFile arrived = kept == null ? null : kept.takeOutcome();
        letGo();
        Outcome outcome = completion.getOutcome();
        story.ended(outcome);
        if (outcome.hasCancelled()) {
            withdrawn = true; // there is nothing left to withdraw
            discard(arrived);
            cancel(false);
            return;
        }
        if (withdrawn && arrived == null && Outcomes.isLarge(outcome)) {
            return; // it has not been received, because nobody waits for it
        }
        settle(decode(completion, payloads, arrived));
    }

    /** What a task has come to: one of them is null. */
    private record Decoded<T>(@Nullable T value, @Nullable Throwable thrown) {}

    private Decoded<T> decode(Completion completion, PayloadCodec payloads, @Nullable KeptFile arrived) {
        Outcome outcome = completion.getOutcome();
        try {
            return outcome.hasResult()
                    ? new Decoded<>(value(outcome, payloads, arrived), null)
                    : new Decoded<>(
                            null, Outcomes.exceptionOf(outcome, completion.getAttempts(), story, payloads, arrived));
        } catch (Throwable undecodable) {
            return new Decoded<>(null, undecodable);
        } finally {
            discard(arrived);
        }
    }

    private void settle(Decoded<T> decoded) {
        boolean ignored = decoded.thrown() == null ? settleResult(decoded.value()) : settleException(decoded.thrown());
    }

    @SuppressWarnings("unchecked") // it is what the callable of this very future returned
    private T value(Outcome outcome, PayloadCodec payloads, @Nullable KeptFile arrived) {
        Object decoded = Outcomes.decode(outcome.getResult(), payloads, arrived);
        if (decoded instanceof ChunkOutcomes<?> chunk) {
            decoded = chunk.arrived(
                    failure -> Outcomes.placed(payloads.codec().decodeThrowable(failure), outcome.getPlace()));
        }
        return (T) decoded;
    }

    private static void discard(@Nullable KeptFile file) {
        if (file != null) {
            file.discard().run();
        }
    }

    /** Completes this with a reason that lies outside the task. */
    void fail(Throwable reason) {
        letGo();
        if (reason instanceof CancellationException) {
            withdrawn = true;
            cancel(false);
        } else {
            settleException(reason);
        }
    }

    /** Fails this before it was submitted: there is nothing to withdraw. */
    void refuse(Throwable reason) {
        settleException(reason);
    }

    /** Waits, so long at most, whatever it will be completed with. */
    void awaitDone(long timeoutMillis) throws InterruptedException {
        try {
            get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | CancellationException ended) {
            // The caller asks isDone() and does not care how.
        }
    }

    // ------------------------------------------------------------------------------------------ for the user, by
    // PoolFuture

    @Override
    protected void onWithdrawn(boolean mayInterruptIfRunning) {
        if (!withdrawn) {
            withdrawn = true;
            task = null;
            TaskFiles kept = files;
            if (kept != null) {
                kept.closeLater();
            }
            owner.withdraw(this, mayInterruptIfRunning);
        }
    }

    @Override
    protected TaskInfo describe() {
        return new TaskInfo(
                owner.id() + "/" + sequence, name, currentState(), story.attempts(), story.events(), story.dropped());
    }
}
