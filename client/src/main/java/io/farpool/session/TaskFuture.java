package io.farpool.session;

import io.farpool.PoolFuture;
import io.farpool.TaskInfo;
import io.farpool.codec.Codec;
import io.farpool.process.ChunkOutcomes;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.Task;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The future of a session's task, with the task's bytes until it has been completed. The session's core alone calls {@link
 * #sequence(long)}, {@link #send} and what follows from the coordinator's news; everything else is thread-safe.
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
    private final TaskStory story = new TaskStory();

    /** Without its sequence number before it is sent; null when it has been completed. */
    private volatile @Nullable Task task;

    private volatile boolean sent;
    private volatile long sequence;
    private volatile boolean withdrawn;

    TaskFuture(Owner owner, Task task, int payloadBytes) {
        this.owner = owner;
        this.task = task;
        this.priority = task.getPriority();
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

    boolean isWithdrawn() {
        return withdrawn;
    }

    boolean isSent() {
        return sent;
    }

    /** The task as it goes to the coordinator; null if a user's thread has withdrawn it in this very moment. */
    @Nullable
    Task send() {
        if (sent) {
            throw new IllegalStateException("task " + sequence + " has been sent already");
        }
        Task described = task;
        if (described == null) {
            return null;
        }
        sent = true;
        Task numbered = described.toBuilder().setSequence(sequence).build();
        task = numbered;
        return numbered;
    }

    /** The serialized callable, while this is pending. */
    @Nullable
    Payload payload() {
        Task described = task;
        return described == null ? null : described.getPayload();
    }

    void started(Place place) {
        story.started(place);
        markRunning();
    }

    void retried(Retry retry) {
        story.ended(retry.getBecause());
        markPending();
    }

    // ------------------------------------------------------------------------------------------ on completion threads

    /** Completes this with a task's outcome. Decodes, so it runs user code. */
    void deliver(Completion completion, Codec codec) {
        task = null;
        Outcome outcome = completion.getOutcome();
        story.ended(outcome);
        if (outcome.hasResult()) {
            T value;
            try {
                Object decoded = codec.decode(outcome.getResult().getInline().asReadOnlyByteBuffer());
                if (decoded instanceof ChunkOutcomes<?> chunk) {
                    decoded = chunk.arrived(
                            failure -> Outcomes.placed(codec.decodeThrowable(failure), outcome.getPlace()));
                }
                @SuppressWarnings("unchecked") // it is what the callable of this very future returned
                T result = (T) decoded;
                value = result;
            } catch (Throwable undecodable) {
                settleException(undecodable);
                return;
            }
            settleResult(value);
        } else if (outcome.hasCancelled()) {
            withdrawn = true; // there is nothing left to withdraw
            cancel(false);
        } else {
            settleException(Outcomes.exceptionOf(outcome, completion.getAttempts(), codec));
        }
    }

    /** Completes this with a reason that lies outside the task. */
    void fail(Throwable reason) {
        task = null;
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
            owner.withdraw(this, mayInterruptIfRunning);
        }
    }

    @Override
    protected TaskInfo describe() {
        return new TaskInfo(owner.id() + "/" + sequence, name, currentState(), story.attempts());
    }
}
