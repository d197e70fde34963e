package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.OutcomeOffer;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.PayloadWanted;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionCorePayloadsTest extends DrivenCore {
    private static final PayloadReference BYTES =
            PayloadReference.newBuilder().setSizeBytes(5_000_000).setCrc32C(17).build();
    private static final PayloadReference OTHER_BYTES =
            PayloadReference.newBuilder().setSizeBytes(5_000_000).setCrc32C(18).build();

    private final List<String> discarded = new ArrayList<>();

    @Test
    void anOfferIsReceivedThenTakenAndOnlyThenComesTheCompletion() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        assertThat(received).containsExactly(new SessionCore.Offer(epoch(), 31, BYTES));
        assertThat(taken()).isEmpty();

        arrives(future, 31, BYTES);
        assertThat(taken()).containsExactly(31L);
        arrive(CompletionsResponse.newBuilder().addCompletions(result(1, 1)).build());
        core.flush();
        assertThat(finished).singleElement().satisfies(one -> assertThat(one.future())
                .isSameAs(future));
        assertThat(discarded).as("the future needs it still").isEmpty();
    }

    @Test
    void aLargeExceptionIsOfferedAsAResultIs() {
        TaskFuture<?> ignored = submitAndOpen();
        arrive(CompletionsResponse.newBuilder()
                .addOffers(OutcomeOffer.newBuilder()
                        .setSequence(1)
                        .setAttempt(8)
                        .setOutcome(Outcome.newBuilder()
                                .setFailure(Failure.newBuilder()
                                        .setException(Payload.newBuilder().setReference(BYTES)))))
                .build());
        assertThat(received).containsExactly(new SessionCore.Offer(epoch(), 8, BYTES));
    }

    @Test
    void aRepeatedOfferOfWhatIsHereIsTakenAgainAtOnce() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrives(future, 31, BYTES);
        offer(1, 31, BYTES);
        assertThat(taken()).containsExactly(31L, 31L);
        assertThat(received).hasSize(1);
    }

    @Test
    void anotherCoordinatorsOfferOfTheSameBytesIsTakenAtOnce() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrives(future, 31, BYTES);
        breakStreams();
        open(false, 100, 1_000);
        offer(1, 3, BYTES);
        assertThat(taken()).containsExactly(3L);
        assertThat(received).hasSize(1);
        assertThat(discarded).isEmpty();
    }

    @Test
    void anotherCoordinatorsOfferOfOtherBytesIsReceivedAndTheFirstAreDiscarded() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrives(future, 31, BYTES);
        breakStreams();
        open(false, 100, 1_000);
        offer(1, 3, OTHER_BYTES);
        assertThat(taken()).isEmpty();
        assertThat(discarded).containsExactly("17");
        arrives(future, 3, OTHER_BYTES);
        assertThat(taken()).containsExactly(3L);
    }

    @Test
    void whatIsReceivedWhenTheStreamsHaveBrokenIsTakenWhenItIsOfferedAgain() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        long oldEpoch = epoch();
        breakStreams();
        assertThat(stoppedAll).as("receiving is given up").isPositive();
        future.keepOutcome(kept(BYTES));
        core.received(future, new SessionCore.Offer(oldEpoch, 31, BYTES)); // it was too late to stop it
        core.flush();
        open(true, oldEpoch, 100, 1_000);
        assertThat(taken()).isEmpty();
        offer(1, 31, BYTES);
        assertThat(taken()).containsExactly(31L);
    }

    @Test
    void whatIsOfferedAgainBeforeTheNewStreamIsThereIsTakenOnIt() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        long epoch = epoch();
        arrives(future, 31, BYTES);
        breakStreams();
        accept(true, epoch, 100, 1_000);
        offer(1, 31, BYTES);
        assertThat(sent).isEmpty();
        openStream();
        assertThat(taken()).containsExactly(31L);
        assertThat(sent.get(0).getPendingComplete())
                .as("what is pending comes first")
                .isTrue();
        assertThat(sent.get(0).getTakenList()).isEmpty();
    }

    @Test
    void whatArrivesBeforeTheStreamIsThereIsTakenOnIt() {
        TaskFuture<?> future = submitAndOpen();
        long epoch = epoch();
        breakStreams();
        accept(true, epoch, 100, 1_000);
        offer(1, 31, BYTES);
        future.keepOutcome(kept(BYTES));
        core.received(future, new SessionCore.Offer(epoch, 31, BYTES));
        core.flush();
        openStream();
        assertThat(taken()).containsExactly(31L);
    }

    @Test
    void aNewerOfferIsReceivedInsteadAndTheOlderIsNotTaken() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        offer(1, 32, OTHER_BYTES);
        arrives(future, 31, BYTES);
        assertThat(taken()).isEmpty();
        arrives(future, 32, OTHER_BYTES);
        assertThat(taken()).containsExactly(32L);
        assertThat(discarded).containsExactly("17");
    }

    @Test
    void anAttemptThatIsLostAfterItsOfferIsForgottenWithItsBytes() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrives(future, 31, BYTES);
        Retry retry = Retry.newBuilder().setSequence(1).setAttemptsUsed(1).build();
        arrive(CompletionsResponse.newBuilder().addRetries(retry).build());
        assertThat(discarded).containsExactly("17");
        assertThat(stopped).containsExactly(1L);
    }

    @Test
    void anOfferThatComesTogetherWithTheLossOfTheAttemptBeforeIsReceived() {
        TaskFuture<?> ignored = submitAndOpen();
        offer(1, 31, BYTES);
        Retry retry = Retry.newBuilder().setSequence(1).setAttemptsUsed(1).build();
        arrive(offerOf(1, 32, OTHER_BYTES).addRetries(retry).build());
        assertThat(received).hasSize(2);
        assertThat(stopped).containsExactly(1L);
        core.flush();
        assertThat(taken()).isEmpty();
    }

    @Test
    void whatIsWantedAgainIsReceivedNoMore() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrives(future, 31, BYTES);
        arrive(CompletionsResponse.newBuilder()
                .addWanted(SequenceInterval.newBuilder().setFirst(1).setLast(1))
                .build());
        assertThat(stopped).containsExactly(1L);
        assertThat(discarded).containsExactly("17");
    }

    @Test
    void aWithdrawnTasksOfferIsNotReceivedAndWhatArrivesLateIsDiscarded() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        assertThat(future.cancel(true)).isTrue();
        assertThat(stopped).containsExactly(1L);
        arrives(future, 31, BYTES);
        offer(1, 32, OTHER_BYTES);
        assertThat(received).hasSize(1);
        assertThat(taken()).isEmpty();
        assertThat(discarded).containsExactly("17");
    }

    @Test
    void aCompletionWithdrawsTheOffer() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        arrive(CompletionsResponse.newBuilder().addCompletions(result(1, 1)).build());
        assertThat(stopped).containsExactly(1L);
        arrives(future, 31, BYTES);
        assertThat(taken()).isEmpty();
        assertThat(discarded).containsExactly("17");
    }

    @Test
    void whatCannotBeReceivedFailsItsFutureAndCancelsTheTask() {
        TaskFuture<?> future = submitAndOpen();
        offer(1, 31, BYTES);
        RuntimeException reason = new IllegalStateException("no room");
        core.notReceived(future, new SessionCore.Offer(epoch(), 30, BYTES), reason);
        core.flush();
        assertThat(finished).as("that was another offer").isEmpty();
        core.notReceived(future, new SessionCore.Offer(epoch(), 31, BYTES), reason);
        core.flush();
        assertThat(finished).singleElement().satisfies(one -> assertThat(one.reason())
                .isSameAs(reason));
        assertThat(sent.get(sent.size() - 1).getCancelsList())
                .singleElement()
                .satisfies(cancel -> assertThat(cancel.getEvenIfRunning()).isTrue());
        arrive(CompletionsResponse.newBuilder()
                .addCompletions(Completion.newBuilder().setNumber(1).setSequence(1))
                .build());
        core.acknowledge();
        core.flush();
        assertThat(sent.get(sent.size() - 1).getAcknowledged()).isEqualTo(1);
    }

    @Test
    void aTaskWhosePayloadIsLostFailsUnlessItIsDone() {
        TaskFuture<?> future = submitAndOpen();
        RuntimeException reason = new IllegalStateException("removed");
        core.notSendable(future, reason);
        core.notSendable(future, reason);
        core.flush();
        assertThat(finished).hasSize(1);
    }

    @Test
    void aPayloadThatIsAskedForIsSentWhileItsTaskIsPending() {
        TaskFuture<?> ignored = submitAndOpen();
        arrive(CompletionsResponse.newBuilder()
                .addPayloadsWanted(PayloadWanted.newBuilder().setTransfer(91).setSequence(1))
                .addPayloadsWanted(PayloadWanted.newBuilder().setTransfer(92).setSequence(2))
                .addPayloadsWanted(PayloadWanted.newBuilder().setTransfer(93).setSequence(0))
                .build());
        assertThat(sentPayloads).containsExactly("91 of 1", "92 of nobody", "93 of the initializer");
    }

    @Test
    void aTasksFileIsDiscardedWhenItIsDoneHoweverThatCame() {
        TaskFuture<?> cancelled = largeTask();
        TaskFuture<?> failed = largeTask();
        open(100, 1_000);
        assertThat(cancelled.argumentFile()).isNotNull();
        assertThat(cancelled.cancel(true)).isTrue();
        assertThat(cancelled.argumentFile()).isNull();
        assertThat(discarded).containsExactly("17");
        failed.fail(new IllegalStateException("for a reason outside the task"));
        assertThat(discarded).containsExactly("17", "17");
    }

    @Test
    void theCoreWaitsForNoFileToBeRemovedAndNorDoesWhoeverCancels() {
        TaskFuture<?> future = submitAndOpen();
        List<Runnable> removals = new ArrayList<>();
        for (Runnable end : List.<Runnable>of(
                () -> offer(1, 32, OTHER_BYTES),
                () -> arrive(CompletionsResponse.newBuilder()
                        .addRetries(Retry.newBuilder().setSequence(1).setAttemptsUsed(1))
                        .build()),
                () -> future.keepOutcome(kept(OTHER_BYTES)),
                () -> future.cancel(true))) {
            future.dropOutcome();
            discarded.clear();
            removals.clear();
            future.keepOutcome(new KeptFile(kept(BYTES).file(), kept(BYTES).discard(), removals::add));
            end.run();
            assertThat(discarded).isEmpty();
            assertThat(removals).hasSize(1);
            removals.get(0).run();
            assertThat(discarded).containsExactly("17");
        }
    }

    @Test
    void aLargeTaskCountsLittleForTheCreditAndTravelsAsItsReference() {
        TaskFuture<?> ignored = largeTask();
        TaskFuture<?> another = largeTask();
        submitAndForget(900, 0);
        open(100, 1_000);
        assertThat(sequences()).as("128 of 1,000 bytes are used").containsExactly(1L, 2L);
        Task task = sent.stream()
                .flatMap(request -> request.getTasksList().stream())
                .findFirst()
                .orElseThrow();
        assertThat(task.getPayload().getReference()).isEqualTo(BYTES);
        assertThat(another.argumentFile()).isNotNull();
    }

    @Test
    void nothingIsReceivedWhenTheSessionEndsAtOnce() {
        TaskFuture<?> ignored = submitAndOpen();
        offer(1, 31, BYTES);
        int before = stoppedAll;
        core.endNow(true, new IllegalStateException("ended by the test"));
        core.flush();
        assertThat(stoppedAll).isGreaterThan(before);
    }

    // ------------------------------------------------------------------------------------------------ parts

    private TaskFuture<?> submitAndOpen() {
        TaskFuture<?> future = submit(1, 0);
        open(100, 1_000);
        return future;
    }

    private TaskFuture<?> largeTask() {
        Payload payload = Payload.newBuilder().setReference(BYTES).build();
        TaskFuture<?> future = new TaskFuture<>(
                owner,
                Task.newBuilder().setPayload(payload).build(),
                TaskEncoder.creditBytes(payload),
                kept(BYTES),
                List.of());
        core.submitted(future);
        return future;
    }

    private long epoch() {
        return EPOCH + generation - 1;
    }

    private void offer(long sequence, long attempt, PayloadReference reference) {
        arrive(offerOf(sequence, attempt, reference).build());
        core.flush();
    }

    private static CompletionsResponse.Builder offerOf(long sequence, long attempt, PayloadReference reference) {
        return CompletionsResponse.newBuilder()
                .addOffers(OutcomeOffer.newBuilder()
                        .setSequence(sequence)
                        .setAttempt(attempt)
                        .setOutcome(Outcome.newBuilder()
                                .setResult(Payload.newBuilder().setReference(reference))));
    }

    /** As what receives would do it. */
    private void arrives(TaskFuture<?> future, long attempt, PayloadReference reference) {
        future.keepOutcome(kept(reference));
        core.received(future, new SessionCore.Offer(epoch(), attempt, reference));
        core.flush();
    }

    private KeptFile kept(PayloadReference reference) {
        return new KeptFile(
                new PayloadFile(Path.of("/nowhere"), reference.getSizeBytes(), reference.getCrc32C()),
                () -> discarded.add("" + reference.getCrc32C()),
                Runnable::run);
    }

    private List<Long> taken() {
        return sent.stream()
                .map(SubmitRequest::getTakenList)
                .flatMap(List::stream)
                .toList();
    }
}
