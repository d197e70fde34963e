package io.farpool.session;

import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.Started;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the client knows of its session, and what follows from each thing that happens: which tasks may be sent within the
 * credit, which futures are complete, what is acknowledged. It is the source of truth for what is pending.
 *
 * <p>Not thread-safe: a {@link io.farpool.wire.SerialQueue} drives it. It starts no thread, reads no clock and waits for
 * nothing; whatever user code could notice it leaves to its {@link Effects}.
 */
final class SessionCore {
    /** What the core has decided and others carry out. */
    interface Effects {
        /** Completes futures, in this order, on a thread where user code may run. */
        void complete(List<Finished> finished);

        void log(List<LogLine> lines);

        /** The session cannot run tasks any more: later submissions are refused with this. */
        void broken(RuntimeException reason);

        /** The session has ended; nothing is pending. */
        void ended();
    }

    /** A future and how it ended: an outcome from a process, or the reason why there will be none. */
    record Finished(TaskFuture<?> future, @Nullable Completion completion, @Nullable RuntimeException reason) {}

    private final Effects effects;
    private final Map<Long, TaskFuture<?>> pending = new LinkedHashMap<>();
    private final WaitingTasks waiting = new WaitingTasks();

    private long lastSequence;
    private @Nullable SubmitStream stream;
    private Credit credit = Credit.getDefaultInstance();
    private long tasksSent;
    private long bytesSent;
    private long completionsArrived;
    private long completionsAcknowledged;
    /** Sent and without a completion. */
    private long outstanding;

    private boolean closing;
    private boolean leaving;
    private boolean closeSent;
    private @Nullable EndNow endNow;
    private boolean ended;
    private boolean endTold;
    private @Nullable RuntimeException brokenBecause;

    private SubmitRequest.Builder next = SubmitRequest.newBuilder();
    private boolean nextIsEmpty = true;
    private List<Finished> finished = new ArrayList<>();
    private final List<LogLine> logLines = new ArrayList<>();

    SessionCore(Effects effects) {
        this.effects = effects;
    }

    // ------------------------------------------------------------------------------------------------ what happens

    void submitted(TaskFuture<?> future) {
        if (brokenBecause != null) {
            finish(future, null, brokenBecause);
            return;
        }
        if (closing) {
            finish(future, null, new RejectedExecutionException("the pool was shut down while this was submitted"));
            return;
        }
        future.sequence(++lastSequence);
        pending.put(lastSequence, future);
        waiting.add(future);
    }

    void withdrawn(TaskFuture<?> future, boolean evenIfRunning) {
        if (!pending.containsKey(future.sequence())) {
            return;
        }
        if (!future.isSent()) {
            pending.remove(future.sequence());
            waiting.withdrawn();
        } else {
            next.addCancels(Cancel.newBuilder().setSequence(future.sequence()).setEvenIfRunning(evenIfRunning));
            nextIsEmpty = false;
        }
    }

    void opened(SubmitStream openedStream, Credit openingCredit) {
        if (ended) {
            openedStream.send(SubmitRequest.newBuilder()
                    .setEndNow(EndNow.newBuilder().setKill(true))
                    .build());
            openedStream.finish();
            return;
        }
        stream = openedStream;
        credit = openingCredit;
    }

    void arrived(CompletionsResponse batch) {
        if (ended || leaving) {
            return;
        }
        if (batch.hasCredit()) {
            credit = batch.getCredit();
        }
        for (Started started : batch.getStartedList()) {
            TaskFuture<?> future = pending.get(started.getSequence());
            if (future != null) {
                future.started(started.getPlace());
            }
        }
        for (Retry retry : batch.getRetriesList()) {
            TaskFuture<?> future = pending.get(retry.getSequence());
            if (future != null) {
                future.retried(retry);
            }
        }
        for (Completion completion : batch.getCompletionsList()) {
            completed(completion);
        }
        for (GrantRequest request : batch.getGrantRequestsList()) {
            if (pending.containsKey(request.getSequence())) {
                next.addGranted(request.getAttempt());
                nextIsEmpty = false;
            }
        }
        logLines.addAll(batch.getLogLinesList());
        if (batch.hasBroken()) {
            broke(Outcomes.broken(batch.getBroken()));
        }
    }

    private void completed(Completion completion) {
        if (completion.getNumber() <= completionsArrived) {
            return; // sent again, because the acknowledgement had not arrived
        }
        completionsArrived = completion.getNumber();
        TaskFuture<?> future = pending.remove(completion.getSequence());
        if (future != null) {
            outstanding--;
            finish(future, completion, null);
        }
    }

    void closeWhenDone() {
        closing = true;
    }

    void endNow(boolean kill, RuntimeException reason) {
        failPending(reason);
        closing = true;
        endNow = EndNow.newBuilder().setKill(kill).build();
    }

    /**
     * This JVM exits. Pending futures stay so: whoever waits for one would have nothing better to do than print a stack trace.
     * Should an exit hook wait for them, an {@link #endNow} that follows fails them.
     */
    void leave() {
        leaving = true;
        closing = true;
        waiting.clear();
        endNow = EndNow.newBuilder().setKill(true).build();
    }

    void broke(RuntimeException reason) {
        if (ended) {
            return;
        }
        if (leaving) {
            ended = true; // there is nobody to tell
            return;
        }
        brokenBecause = reason;
        effects.broken(reason);
        failPending(reason);
        closing = true;
        endNow = EndNow.getDefaultInstance();
    }

    void ended() {
        if (!ended && !leaving && (!closing || !pending.isEmpty())) {
            // Also when nothing is pending: what is submitted from now on would wait for ever.
            broke(Outcomes.endedEarly(pending.size()));
        }
        ended = true;
        if (stream != null) {
            stream.finish();
            stream = null;
        }
    }

    void tellPending(CompletableFuture<List<TaskFuture<?>>> answer) {
        answer.complete(new ArrayList<>(pending.values()));
    }

    private void failPending(RuntimeException reason) {
        for (TaskFuture<?> future : pending.values()) {
            finish(future, null, reason);
        }
        pending.clear();
        waiting.clear();
        outstanding = 0;
    }

    private void finish(TaskFuture<?> future, @Nullable Completion completion, @Nullable RuntimeException reason) {
        finished.add(new Finished(future, completion, reason));
    }

    // ---------------------------------------------------------------------------------------------- what follows

    /** Sends, completes and logs what the events since the last flush have led to. */
    void flush() {
        if (stream != null) {
            fillWithTasks(stream);
            acknowledge();
            close();
            if (!nextIsEmpty) {
                sendNext(stream);
            }
        } else if (closing && pending.isEmpty()) {
            // It was never opened, or opening has failed: there is nobody to tell.
            ended = true;
        }
        deliver();
    }

    private void fillWithTasks(SubmitStream to) {
        long batchBytes = 0;
        for (TaskFuture<?> future = waiting.peek(); future != null && mayBeSent(future); future = waiting.peek()) {
            Task task = future.send();
            waiting.removeFirst();
            if (task == null) {
                continue; // the event of its withdrawal follows
            }
            int bytes = future.payloadBytes();
            tasksSent++;
            bytesSent += bytes;
            outstanding++;
            next.addTasks(task);
            nextIsEmpty = false;
            batchBytes += bytes;
            if (batchBytes >= Protocol.BATCH_BYTES) {
                sendNext(to);
                batchBytes = 0;
            }
        }
    }

    private boolean mayBeSent(TaskFuture<?> future) {
        return tasksSent < credit.getTasks()
                && (bytesSent + future.payloadBytes() <= credit.getPayloadBytes() || outstanding == 0);
    }

    private void acknowledge() {
        if (completionsAcknowledged < completionsArrived) {
            completionsAcknowledged = completionsArrived;
            next.setAcknowledged(completionsArrived);
            nextIsEmpty = false;
        }
    }

    private void close() {
        if (endNow != null) {
            next.setEndNow(endNow);
            endNow = null;
            closeSent = true;
            nextIsEmpty = false;
        } else if (closing && !closeSent && waiting.peek() == null) {
            next.setWhenDone(true);
            closeSent = true;
            nextIsEmpty = false;
        }
    }

    private void sendNext(SubmitStream to) {
        SubmitRequest request = next.build();
        next = SubmitRequest.newBuilder();
        nextIsEmpty = true;
        to.send(request);
    }

    private void deliver() {
        if (!logLines.isEmpty()) {
            effects.log(List.copyOf(logLines));
            logLines.clear();
        }
        if (!finished.isEmpty()) {
            List<Finished> batch = finished;
            finished = new ArrayList<>();
            effects.complete(batch);
        }
        if (ended && !endTold) {
            endTold = true;
            effects.ended();
        }
    }
}
