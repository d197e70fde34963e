package io.farpool.session;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.EndNow;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.Started;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.shared.SharedBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the client knows of its session, and what follows from each thing that happens: which tasks may be sent within the
 * credit, which futures are complete, what is acknowledged, and what a coordinator is told when the session is opened again.
 * It is the source of truth for what is pending.
 *
 * <p>Each opening has streams of its own, with a number, the generation. When one of them breaks, both are given up: what
 * still comes from them counts no more, and the session is to be opened again.
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

        /** The streams have broken: opens the session again, with streams of another generation. */
        void reopen(Break lost);

        /** Gives the coordinator what it misses of the session's code. */
        void provideCode();

        /** Calls {@link #acknowledge} after {@link Acknowledgements#WAIT_MILLIS}. */
        void acknowledgeLater();

        /** Gives the coordinator a shared value; answered by {@link #sharedSent} or {@link #sharedNotSent}. */
        void upload(SharedValues.Upload upload);

        /** The session cannot run tasks any more: later submissions are refused with this. */
        void broken(RuntimeException reason);

        /** The session has ended; nothing is pending. */
        void ended();

        /**
         * An outcome's payload can be had, instead of any that was offered before for the same task: receives it when there is
         * room, and then tells the core.
         */
        void receive(TaskFuture<?> future, Offer offer);

        /** What was offered for this task is wanted no more. */
        void stopReceiving(TaskFuture<?> future);

        /** Nothing that was offered is wanted any more. */
        void stopReceiving();

        /**
         * The coordinator asks for a large payload.
         *
         * @param transfer what it is asked for by
         * @param future whose task has it; null if none is pending
         */
        void send(long transfer, @Nullable TaskFuture<?> future);

        /** The coordinator asks for the payload of the initializer. */
        void sendInitializer(long transfer);
    }

    /**
     * An attempt has ended with a payload that is at its host.
     *
     * @param epoch the coordinator's who offered it
     * @param attempt names it within the epoch
     */
    record Offer(long epoch, long attempt, PayloadReference reference) {}

    /** A future and how it ended: an outcome from a process, or the reason why there will be none. */
    record Finished(TaskFuture<?> future, @Nullable Completion completion, @Nullable RuntimeException reason) {}

    /**
     * Where the session stood when its streams broke. Nothing of this changes before it is open again.
     *
     * @param generation of the streams that have broken
     * @param why they have
     * @param knownHosts as the coordinator told last
     * @param completionsArrived up to which number, should the next coordinator go on with these
     * @param pending how many tasks are
     */
    record Break(int generation, String why, List<String> knownHosts, long completionsArrived, int pending) {}

    /** Names the initializer among a session's payloads. */
    private static final long INITIALIZER = 0;

    /** No streams count. Generations are greater. */
    private static final int NO_GENERATION = 0;

    private final Effects effects;
    private final PendingTasks pending = new PendingTasks();
    private final Outbox outbox = new Outbox();
    private final Offers offers;

    private int generation = NO_GENERATION;
    private long epoch;
    private List<String> knownHosts = List.of();
    private final Acknowledgements acknowledgements = new Acknowledgements();

    /**
     * It has been opened again: what was sent may be wanted once more, so nothing says "no more tasks" while anybody waits for
     * one.
     */
    private boolean resumed;

    private boolean closing;
    private boolean leaving;
    private @Nullable EndNow endNow;
    private boolean ended;
    private boolean endTold;
    private @Nullable RuntimeException brokenBecause;

    private List<Finished> finished = new ArrayList<>();
    private final List<LogLine> logLines = new ArrayList<>();
    private @Nullable Break toReopen;
    private final List<SharedValues.Upload> uploads = new ArrayList<>();

    SessionCore(Effects effects) {
        this.effects = effects;
        this.offers = new Offers(pending, outbox, effects);
    }

    // ------------------------------------------------------------------------------------------------ the user's side

    void submitted(TaskFuture<?> future) {
        if (brokenBecause != null) {
            future.releaseShared();
            finish(future, null, brokenBecause);
        } else if (closing) {
            future.releaseShared();
            finish(future, null, new RejectedExecutionException("the pool was shut down while this was submitted"));
        } else {
            pending.add(future);
        }
    }

    void withdrawn(TaskFuture<?> future, boolean evenIfRunning) {
        offers.stop(future);
        if (pending.withdraw(future, evenIfRunning)) {
            outbox.cancel(future);
        }
    }

    /** A large payload cannot be had, and the task is not run again for that. */
    private void failed(TaskFuture<?> future, RuntimeException reason) {
        future.abandon();
        finish(future, null, reason);
        withdrawn(future, true);
    }

    void sharedSent(SharedValues.Upload upload) {
        pending.sharedSent(upload);
    }

    void sharedNotSent(SharedValues.Upload upload, RuntimeException reason) {
        for (TaskFuture<?> future : pending.shared().notSent(upload)) {
            finish(future, null, reason);
            withdrawn(future, false);
        }
    }

    void sharedFree(SharedBytes bytes) {
        pending.shared().free(bytes);
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
        pending.sendNoMore();
        offers.stopAll();
        endNow = EndNow.newBuilder().setKill(true).build();
    }

    void tellPending(CompletableFuture<List<TaskFuture<?>>> answer) {
        answer.complete(pending.all());
    }

    // ------------------------------------------------------------------------------------------------ the streams

    void accepted(int acceptedGeneration, OpenResponse response) {
        if (ended) {
            return;
        }
        boolean ignored = dropStreams(generation); // if there still are any
        generation = acceptedGeneration;
        epoch = response.getEpoch();
        if (!response.getKnown()) {
            acknowledgements.restart();
        }
        pending.opened(response.getKnown(), response.getCredit());
    }

    void opened(int openedGeneration, SubmitStream openedStream) {
        if (ended) {
            openedStream.send(SubmitRequest.newBuilder()
                    .setPendingComplete(true)
                    .setEndNow(EndNow.newBuilder().setKill(true))
                    .build());
            openedStream.finish();
        } else if (openedGeneration != generation) {
            openedStream.abandon();
        } else {
            outbox.open(openedStream, pending.sent());
            acknowledgements.streamOpened();
        }
    }

    void lost(int lostGeneration, String why) {
        if (dropStreams(lostGeneration)) {
            resumed = true;
            toReopen = new Break(lostGeneration, why, knownHosts, acknowledgements.arrived(), pending.size());
            ended = leaving; // then there is nobody to tell
        }
    }

    void refused(int refusedGeneration, RuntimeException reason) {
        if (dropStreams(refusedGeneration)) {
            broke(reason);
        }
    }

    /** False if these are not the streams that count. */
    private boolean dropStreams(int droppedGeneration) {
        if (ended || droppedGeneration != generation) {
            return false;
        }
        generation = NO_GENERATION;
        offers.stopAll(); // what can still be had is offered again
        outbox.abandon();
        return true;
    }

    void ended(int endedGeneration) {
        if (ended || endedGeneration != generation) {
            return;
        }
        if (!leaving && (!closing || !pending.areAllWithdrawn())) {
            // Also when nothing is pending: what is submitted from now on would wait for ever.
            broke(Outcomes.endedEarly(pending.size()));
        } else if (!leaving) {
            pending.clear();
        }
        ended = true;
        outbox.finish();
    }

    /** It cannot be opened, or the coordinator says that it can run tasks no more. */
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

    // ------------------------------------------------------------------------------------------------ what arrives

    void arrived(int fromGeneration, CompletionsResponse batch) {
        if (ended || leaving || fromGeneration != generation) {
            return;
        }
        if (batch.hasCredit()) {
            pending.credit(batch.getCredit());
        }
        if (batch.hasHosts()) {
            knownHosts = List.copyOf(batch.getHosts().getHostsList());
        }
        for (Started started : batch.getStartedList()) {
            TaskFuture<?> future = pending.get(started.getSequence());
            if (future != null) {
                future.started(started.getPlace());
            }
        }
        // Before the offers: what was offered before an attempt was lost is offered no more, what comes after it is.
        for (Retry retry : batch.getRetriesList()) {
            TaskFuture<?> future = pending.get(retry.getSequence());
            if (future != null) {
                offers.stop(future);
                future.retried(retry);
            }
        }
        for (OutcomeOffer offer : batch.getOffersList()) {
            offers.offered(offer, epoch);
        }
        for (PayloadWanted asked : batch.getPayloadsWantedList()) {
            asked(asked);
        }
        if (batch.getBundleWanted()) {
            effects.provideCode();
        }
        // Before the tasks that are wanted: those that need it wait for it.
        for (Digest digest : batch.getSharedWantedList()) {
            pending.shared().wanted(BlobDigest.of(digest));
        }
        // Before the completions: what is asked for again may since have ended.
        for (SequenceInterval interval : batch.getWantedList()) {
            pending.wanted(interval, outbox::cancel, offers::stop);
        }
        for (Completion completion : batch.getCompletionsList()) {
            completed(completion);
        }
        for (GrantRequest request : batch.getGrantRequestsList()) {
            grant(request);
        }
        logLines.addAll(batch.getLogLinesList());
        if (batch.hasBroken()) {
            broke(Outcomes.broken(batch.getBroken()));
        }
    }

    private void completed(Completion completion) {
        if (!acknowledgements.arrived(completion)) {
            return;
        }
        TaskFuture<?> future = pending.complete(completion.getSequence(), completion.getUncounted());
        if (future != null) {
            offers.stop(future);
            finish(future, completion, null);
        }
    }

    /** What has arrived has waited long enough for being acknowledged. */
    void acknowledge() {
        acknowledgements.waitEnds();
    }

    private void grant(GrantRequest request) {
        TaskFuture<?> future = pending.get(request.getSequence());
        if (future == null || future.isWithdrawn()) {
            return; // it is done, or its cancel follows
        }
        future.granted(Grant.newBuilder()
                .setEpoch(epoch)
                .setHost(request.getHost())
                .setIncarnation(request.getIncarnation())
                .build());
        outbox.grant(request.getAttempt());
    }

    // ------------------------------------------------------------------------------------------------ large payloads

    /** It has been received, and is kept with the future. */
    void received(TaskFuture<?> future, Offer offer) {
        offers.received(future, offer);
    }

    /** It cannot be received: another try would do no better. */
    void notReceived(TaskFuture<?> future, Offer offer, RuntimeException reason) {
        if (offers.isAwaited(future, offer)) {
            failed(future, reason);
        }
    }

    /** The task cannot be sent any more. */
    void notSendable(TaskFuture<?> future, RuntimeException reason) {
        if (offers.isWanted(future)) {
            failed(future, reason);
        }
    }

    private void asked(PayloadWanted asked) {
        if (asked.getSequence() == INITIALIZER) {
            effects.sendInitializer(asked.getTransfer());
        } else {
            effects.send(asked.getTransfer(), pending.get(asked.getSequence()));
        }
    }

    private void failPending(RuntimeException reason) {
        offers.stopAll();
        for (TaskFuture<?> future : pending.all()) {
            finish(future, null, reason);
        }
        pending.clear();
    }

    private void finish(TaskFuture<?> future, @Nullable Completion completion, @Nullable RuntimeException reason) {
        finished.add(new Finished(future, completion, reason));
    }

    // ------------------------------------------------------------------------------------------------ what follows

    /** Sends, completes and logs what the events since the last flush have led to. */
    void flush() {
        if (outbox.isOpen()) {
            outbox.addShared(pending.shared());
            uploads.addAll(pending.shared().nextUploads());
            outbox.addTasks(pending);
            close();
            boolean nothingFollows = closing && pending.areAllWithdrawn();
            if (acknowledgements.areDue() || nothingFollows || !outbox.isEmpty()) {
                outbox.acknowledge(acknowledgements.tell());
            }
            outbox.flush();
        } else if (closing && pending.areAllWithdrawn()) {
            // Nobody is to be told, and nobody waits: what a coordinator may know of the session ends with its lease.
            pending.clear();
            ended = true;
        }
        deliver();
    }

    private void close() {
        if (endNow != null) {
            outbox.endNow(endNow);
            endNow = null;
        } else if (closing && !outbox.hasClosed() && (resumed ? pending.areAllWithdrawn() : pending.noneWaits())) {
            outbox.endWhenDone();
        }
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
        uploads.forEach(effects::upload);
        uploads.clear();
        if (ended && !endTold) {
            endTold = true;
            effects.ended();
        }
        if (outbox.isOpen() && acknowledgements.beginWait()) {
            effects.acknowledgeLater();
        }
        if (toReopen != null) {
            Break lost = toReopen;
            toReopen = null;
            if (!ended) {
                effects.reopen(lost);
            }
        }
    }
}
