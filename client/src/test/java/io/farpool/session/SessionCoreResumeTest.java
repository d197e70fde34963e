package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.GrantRequest;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.Place;
import io.farpool.proto.v1.Retry;
import io.farpool.proto.v1.SequenceInterval;
import io.farpool.proto.v1.SessionHosts;
import io.farpool.proto.v1.Started;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a session when its streams break, until it is well again. */
class SessionCoreResumeTest extends DrivenCore {
    @Test
    void aStreamBeginsWithWhatWasSentAndHasNoCompletionAndNotWithWhatStillWaits() {
        open(4, 1_000);
        submit(6);
        complete(1, 2);
        breakStreams();
        assertThat(breaks).hasSize(1);
        open(100, 1_000);
        assertThat(sent.get(0).getPendingList()).containsExactly(interval(1, 1), interval(3, 4));
        assertThat(sent.get(0).getPendingComplete()).isTrue();
        assertThat(sent.get(0).getTasksCount()).isZero();
        assertThat(sequences()).containsExactly(5L, 6L);
    }

    @Test
    void eachBreakIsOneEvenIfBothStreamsTellOfItAndNothingOldIsHeardAnyMore() {
        open(100, 1_000);
        submit(1);
        core.lost(1, "completions");
        core.lost(1, "submit");
        core.flush();
        assertThat(breaks).extracting(SessionCore.Break::why).containsExactly("completions");
        assertThat(streams).containsExactly("abandoned 1");
        core.arrived(1, completions(result(1, 1)));
        core.ended(1);
        core.refused(1, new IllegalStateException("late"));
        core.flush();
        assertThat(finished).isEmpty();
        assertThat(broken).isEmpty();
        core.opened(1, stream(1));
        assertThat(streams).containsExactly("abandoned 1", "abandoned 1");
        open(100, 1_000);
        core.arrived(1, completions(result(1, 1)));
        core.flush();
        assertThat(finished).isEmpty();
        arrive(completions(result(1, 1)));
        core.flush();
        assertThat(finished).hasSize(1);
    }

    @Test
    void aCoordinatorThatKnowsTheSessionGoesOnWithItsNumbersAndItsCredit() {
        open(2, 1_000);
        submit(4);
        complete(1, 1);
        breakStreams();
        assertThat(breaks.get(0).completionsArrived()).isEqualTo(1);
        open(true, EPOCH, 3, 1_000);
        assertThat(sequences()).as("1 and 2 count").containsExactly(3L);
        assertThat(sent).anyMatch(request -> request.getAcknowledged() == 1);
        arrive(completions(result(1, 1)));
        arrive(completions(result(2, 2)));
        core.flush();
        assertThat(finished).hasSize(2);
    }

    @Test
    void oneThatDoesNotKnowItBeginsAnew() {
        open(2, 1_000);
        submit(5);
        complete(1, 1);
        breakStreams();
        open(false, 2, 1_000);
        assertThat(sequences()).as("2 counts no more").containsExactly(3L, 4L);
        assertThat(sent).allMatch(request -> request.getAcknowledged() == 0);
        arrive(completions(result(1, 2)));
        core.acknowledge();
        core.flush();
        assertThat(finished).hasSize(2);
        assertThat(sent.get(sent.size() - 1).getAcknowledged()).isEqualTo(1);
    }

    @Test
    void whatIsWantedIsSentAgainBeforeWhatNeverWasAndCountsOnce() {
        open(4, 1_000);
        submitAndForget(1, 0);
        submitAndForget(1, 0);
        submitAndForget(1, 5);
        submit(3);
        core.flush();
        breakStreams();
        open(true, EPOCH, 4, 1_000);
        assertThat(sequences()).isEmpty();
        want(3, 3);
        want(1, 2);
        arrive(wanted(5, 100)); // never sent
        core.flush();
        assertThat(sequences()).containsExactly(3L, 1L, 2L);
        credit(5, 1_000);
        assertThat(sequences()).containsExactly(3L, 1L, 2L, 5L);
    }

    @Test
    void whatIsWantedTogetherGoesByPriorityAndThenBySequence() {
        open(100, 1_000);
        submitAndForget(1, 0);
        submitAndForget(1, 5);
        submitAndForget(1, 0);
        core.flush();
        breakStreams();
        open(100, 1_000);
        arrive(CompletionsResponse.newBuilder()
                .addWanted(interval(3, 3))
                .addWanted(interval(1, 2))
                .build());
        core.flush();
        assertThat(sequences()).containsExactly(2L, 1L, 3L);
    }

    @Test
    void aWantedTaskWaitsForCreditAndIsStillPendingAtTheNextBreak() {
        open(2, 1_000);
        submit(2);
        breakStreams();
        open(false, 1, 1_000);
        want(1, 2);
        assertThat(sequences()).containsExactly(1L);
        breakStreams();
        open(false, 2, 1_000);
        assertThat(sent.get(0).getPendingList()).containsExactly(interval(1, 2));
        assertThat(sequences()).as("nothing before it is wanted again").isEmpty();
        want(1, 2);
        assertThat(sequences()).containsExactly(1L, 2L);
    }

    @Test
    void aWantedTaskWhoseOutcomeTurnsUpIsNotSentAgain() {
        open(1, 1_000);
        submit(1);
        breakStreams();
        open(false, 0, 1_000);
        want(1, 1);
        arrive(completions(result(1, 1)));
        credit(10, 1_000);
        assertThat(finished).hasSize(1);
        assertThat(sequences()).isEmpty();
    }

    @Test
    void aLargeTaskThatIsWantedDoesNotWaitForItself() {
        open(10, 50);
        submitAndForget(400, 0);
        core.flush();
        breakStreams();
        open(false, 10, 50);
        want(1, 1);
        assertThat(sequences()).containsExactly(1L);
    }

    @Test
    void aCancelIsRepeatedOnTheNextStreamAndWhenTheTaskIsWanted() {
        open(100, 1_000);
        TaskFuture<?> future = submit(1, 0);
        submitAndForget(1, 0);
        core.flush();
        assertThat(future.cancel(true)).isTrue();
        core.flush();
        breakStreams();
        open(false, 100, 1_000);
        Cancel cancel =
                Cancel.newBuilder().setSequence(1).setEvenIfRunning(true).build();
        assertThat(cancels()).containsExactly(cancel);
        assertThat(sent.get(0).getCancelsCount())
                .as("not before pending is complete")
                .isZero();
        want(1, 2);
        assertThat(sequences()).containsExactly(2L);
        assertThat(cancels()).containsExactly(cancel, cancel);
    }

    @Test
    void aTaskWithdrawnWhileTheCoordinatorIsAwayIsCancelledAtTheNext() {
        open(1, 1_000);
        TaskFuture<?> first = submit(1, 0);
        TaskFuture<?> second = submit(1, 0);
        core.flush();
        breakStreams();
        assertThat(first.cancel()).isTrue();
        assertThat(second.cancel()).isTrue();
        open(100, 1_000);
        assertThat(cancels()).extracting(Cancel::getSequence).containsExactly(1L);
        assertThat(sent.get(0).getPendingList()).containsExactly(interval(1, 1));
        assertThat(sequences()).isEmpty();
    }

    @Test
    void aWantedTaskThatIsWithdrawnWhileItWaitsIsCancelled() {
        open(1, 1_000);
        TaskFuture<?> future = submit(1, 0);
        core.flush();
        breakStreams();
        open(false, 0, 1_000);
        want(1, 1);
        assertThat(future.cancel()).isTrue();
        credit(10, 1_000);
        assertThat(sequences()).isEmpty();
        assertThat(cancels()).extracting(Cancel::getSequence).containsExactly(1L);
    }

    @Test
    void theNewestGrantIsRememberedForAsLongAsTheTaskIsPending() {
        open(100, 1_000);
        submit(2);
        grantRequest(1, 11, "a");
        assertThat(sent.get(sent.size() - 1).getGrantedList()).containsExactly(11L);
        grantRequest(1, 12, "b");
        breakStreams();
        open(100, 1_000);
        Grant second = Grant.newBuilder()
                .setEpoch(EPOCH)
                .setHost("b")
                .setIncarnation(12)
                .build();
        assertThat(sent.get(0).getPendingTasksList()).singleElement().satisfies(task -> {
            assertThat(task.getSequence()).isEqualTo(1);
            assertThat(task.getGrant()).isEqualTo(second);
        });
        grantRequest(1, 13, "c");
        breakStreams();
        open(100, 1_000);
        assertThat(sent.get(0).getPendingTasks(0).getGrant().getEpoch()).isEqualTo(EPOCH + 1);
    }

    @Test
    void nothingIsGrantedToATaskThatIsDoneOrWithdrawn() {
        open(100, 1_000);
        TaskFuture<?> future = submit(1, 0);
        submit(1);
        complete(1, 2);
        assertThat(future.cancel()).isTrue();
        grantRequest(1, 11, "a");
        grantRequest(2, 12, "a");
        assertThat(sent).allMatch(request -> request.getGrantedCount() == 0);
    }

    @Test
    void aPendingTaskThatIsNotAsDefaultsHaveItIsDescribed() {
        open(100, 1_000);
        submit(Task.newBuilder().setAttemptsAfterHostLoss(3).setAttemptsAfterFailure(1));
        submit(Task.newBuilder().setAttemptsAfterHostLoss(1).setAttemptsAfterFailure(1));
        submit(Task.newBuilder().setAttemptsAfterFailure(4));
        submit(Task.newBuilder().setPriority(-3));
        submit(Task.newBuilder());
        core.flush();
        arrive(CompletionsResponse.newBuilder()
                .addRetries(Retry.newBuilder().setSequence(5).setAttemptsUsed(2))
                .build());
        breakStreams();
        open(100, 1_000);
        assertThat(sent.get(0).getPendingTasksList())
                .containsExactly(
                        PendingTask.newBuilder()
                                .setSequence(2)
                                .setAttemptsAfterHostLoss(1)
                                .setAttemptsAfterFailure(1)
                                .build(),
                        PendingTask.newBuilder()
                                .setSequence(3)
                                .setAttemptsAfterFailure(4)
                                .build(),
                        PendingTask.newBuilder().setSequence(4).setPriority(-3).build(),
                        PendingTask.newBuilder()
                                .setSequence(5)
                                .setAttemptsUsed(2)
                                .build());
        want(5, 5);
        assertThat(sent.get(sent.size() - 1).getTasks(0).getAttemptsUsed()).isEqualTo(2);
    }

    @Test
    void aStartAndAGrantSayAsMuchOfTheAttemptsBeforeAsARetryThatWasLostWithItsStream() {
        open(100, 1_000);
        submit(2);
        arrive(CompletionsResponse.newBuilder()
                .addStarted(Started.newBuilder()
                        .setSequence(1)
                        .setPlace(Place.newBuilder().setHost("a").setPid(7).setAttempt(2)))
                .build());
        grantRequest(2, 11, "a");
        breakStreams();
        open(100, 1_000);
        assertThat(sent.get(0).getPendingTasksList())
                .extracting(PendingTask::getAttemptsUsed)
                .as("what runs is not used up, and may be adopted")
                .containsExactly(1, 2);
        want(1, 1);
        core.flush();
        assertThat(sent.get(sent.size() - 1).getTasks(0).getAttemptsUsed())
                .as("what had started, and nobody has any more, is")
                .isEqualTo(2);
    }

    @Test
    void whatIsPendingComesInMessagesThatKeepTheirBound() {
        int tasks = 100_000;
        open(tasks, 1_000_000);
        submit(tasks);
        CompletionsResponse.Builder everySecond = CompletionsResponse.newBuilder();
        for (int i = 0; i < tasks; i += 2) {
            everySecond.addCompletions(result(i / 2 + 1, i + 1));
        }
        arrive(everySecond.build());
        core.flush();
        breakStreams();
        open(0, 0);
        assertThat(sent.size()).isGreaterThan(1);
        for (SubmitRequest request : sent) {
            assertThat(request.getSerializedSize()).isLessThanOrEqualTo(Protocol.BATCH_BYTES);
        }
        List<Long> told = new ArrayList<>();
        sent.forEach(request -> request.getPendingList().forEach(one -> told.add(one.getFirst())));
        assertThat(told).hasSize(tasks / 2).isSorted().startsWith(2L, 4L);
        assertThat(sent.stream().filter(SubmitRequest::getPendingComplete).count())
                .isEqualTo(1);
        assertThat(sent.get(sent.size() - 1).getPendingComplete()).isTrue();
    }

    @Test
    void theHostsThatWereToldLastAreNamedWhenItOpensAgain() {
        open(100, 1_000);
        hosts("a", "b");
        hosts("b", "c");
        breakStreams();
        open(100, 1_000);
        breakStreams();
        hosts("too late");
        assertThat(breaks).extracting(SessionCore.Break::knownHosts).containsOnly(List.of("b", "c"));
    }

    @Test
    void closingWaitsForTheCoordinatorAndForWhatItMayStillWant() {
        open(100, 1_000);
        submit(1);
        core.closeWhenDone();
        core.flush();
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
        breakStreams();
        assertThat(ended).isZero();
        open(100, 1_000);
        assertThat(sent).noneMatch(SubmitRequest::getWhenDone);
        want(1, 1);
        assertThat(sequences()).containsExactly(1L);
        complete(1, 1);
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
    }

    @Test
    void closingDoesNotWaitForWhatNobodyWaitsFor() {
        open(100, 1_000);
        TaskFuture<?> future = submit(1, 0);
        core.flush();
        breakStreams();
        future.cancel();
        open(100, 1_000);
        core.closeWhenDone();
        core.flush();
        assertThat(cancels()).hasSize(1);
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
        core.ended(generation);
        core.flush();
        assertThat(ended).isEqualTo(1);
        assertThat(broken).isEmpty();
    }

    @Test
    void aSessionThatNobodyWaitsForEndsWithoutItsCoordinator() {
        open(1, 1_000);
        TaskFuture<?> sentOne = submit(1, 0);
        TaskFuture<?> waitingOne = submit(1, 0);
        core.flush();
        breakStreams();
        core.closeWhenDone();
        core.flush();
        assertThat(ended).isZero();
        sentOne.cancel();
        waitingOne.cancel();
        core.flush();
        assertThat(ended).isEqualTo(1);
        open(100, 1_000);
        assertThat(sent).singleElement().satisfies(request -> assertThat(request.hasEndNow())
                .isTrue());
        assertThat(streamFinished).isTrue();
    }

    @Test
    void endingNowDoesNotWaitForTheCoordinator() {
        open(100, 1_000);
        submit(1);
        breakStreams();
        core.endNow(true, new IllegalStateException("now"));
        core.flush();
        assertThat(finished).hasSize(1);
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void aBreakAfterEverythingIsDoneEndsAClosedSession() {
        open(100, 1_000);
        submit(1);
        core.closeWhenDone();
        complete(1, 1);
        breakStreams();
        assertThat(ended).isEqualTo(1);
        assertThat(breaks).isEmpty();
        assertThat(broken).isEmpty();
    }

    @Test
    void aStreamThatIsRefusedBreaksTheSession() {
        open(100, 1_000);
        submit(1);
        RuntimeException reason = new IllegalStateException("malformed");
        core.refused(1, reason);
        core.flush();
        assertThat(finished).extracting(SessionCore.Finished::reason).containsExactly(reason);
        assertThat(broken).containsExactly(reason);
        assertThat(ended).isEqualTo(1);
        assertThat(breaks).isEmpty();
    }

    private void submit(int tasks) {
        for (int i = 0; i < tasks; i++) {
            submitAndForget(1, 0);
        }
        core.flush();
    }

    private void submit(Task.Builder task) {
        core.submitted(new TaskFuture<>(owner, task.build(), 0));
    }

    private void complete(long number, long sequence) {
        arrive(completions(result(number, sequence)));
        core.flush();
    }

    private void want(long first, long last) {
        arrive(wanted(first, last));
        core.flush();
    }

    private void grantRequest(long sequence, long attempt, String host) {
        arrive(CompletionsResponse.newBuilder()
                .addGrantRequests(GrantRequest.newBuilder()
                        .setSequence(sequence)
                        .setAttempt(attempt)
                        .setHost(host)
                        .setIncarnation(attempt))
                .build());
        core.flush();
    }

    private void hosts(String... names) {
        arrive(CompletionsResponse.newBuilder()
                .setHosts(SessionHosts.newBuilder().addAllHosts(List.of(names)))
                .build());
    }

    private List<Cancel> cancels() {
        List<Cancel> cancels = new ArrayList<>();
        sent.forEach(request -> cancels.addAll(request.getCancelsList()));
        return cancels;
    }

    private static CompletionsResponse wanted(long first, long last) {
        return CompletionsResponse.newBuilder().addWanted(interval(first, last)).build();
    }

    private static CompletionsResponse completions(io.farpool.proto.v1.Completion completion) {
        return CompletionsResponse.newBuilder().addCompletions(completion).build();
    }

    private static SequenceInterval interval(long first, long last) {
        return SequenceInterval.newBuilder().setFirst(first).setLast(last).build();
    }
}
