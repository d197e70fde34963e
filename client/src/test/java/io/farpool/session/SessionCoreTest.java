package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.BrokenExecutorException;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.SubmitRequest;
import org.junit.jupiter.api.Test;

class SessionCoreTest extends DrivenCore {
    @Test
    void tasksWaitForTheSessionToOpenAndGoTogetherInTheOrderOfSubmission() {
        submitAndForget(10, 0);
        submitAndForget(10, 0);
        core.flush();
        assertThat(sent).isEmpty();
        open(100, 1_000);
        assertThat(sent.stream().filter(request -> request.getTasksCount() > 0)).hasSize(1);
        assertThat(sequences()).containsExactly(1L, 2L);
    }

    @Test
    void noMoreTasksAreSentThanTheCreditAllowsAndTheMostUrgentAreNext() {
        open(2, 1_000);
        submitAndForget(1, 0);
        submitAndForget(1, 0);
        submitAndForget(1, 0);
        submitAndForget(1, 7);
        core.flush();
        assertThat(sequences()).as("two by priority, of all that waited").containsExactly(4L, 1L);
        credit(3, 1_000);
        assertThat(sequences()).containsExactly(4L, 1L, 2L);
    }

    @Test
    void aTaskLargerThanTheWholeCreditIsSentWhenNothingElseIsOutstanding() {
        open(100, 50);
        submitAndForget(40, 0);
        submitAndForget(400, 0);
        core.flush();
        assertThat(sequences()).containsExactly(1L);
        arrive(CompletionsResponse.newBuilder().addCompletions(result(1, 1)).build());
        core.flush();
        assertThat(sequences()).containsExactly(1L, 2L);
    }

    @Test
    void whatIsSubmittedAfterTheCoordinatorEndedTheSessionUnaskedIsRefused() {
        open(100, 1_000);
        core.ended(generation);
        core.flush();
        submitAndForget(1, 0);
        core.flush();
        assertThat(finished).hasSize(1);
        assertThat(finished.get(0).reason())
                .isInstanceOf(BrokenExecutorException.class)
                .isSameAs(broken.get(0));
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void aTaskWithdrawnBeforeItIsSentNeverLeaves() {
        TaskFuture<?> first = submit(1, 0);
        submitAndForget(1, 0);
        assertThat(first.cancel()).isTrue();
        open(100, 1_000);
        assertThat(sequences()).containsExactly(2L);
        assertThat(sent).allMatch(request -> request.getCancelsCount() == 0);
    }

    @Test
    void aTaskWithdrawnAfterItWasSentIsCancelledAtTheCoordinator() {
        open(100, 1_000);
        TaskFuture<?> future = submit(1, 0);
        core.flush();
        assertThat(future.cancel(true)).isTrue();
        core.flush();
        assertThat(sent.get(sent.size() - 1).getCancelsList()).singleElement().satisfies(cancel -> {
            assertThat(cancel.getSequence()).isEqualTo(1);
            assertThat(cancel.getEvenIfRunning()).isTrue();
        });
    }

    @Test
    void closingWaitsForWhatHasNotBeenSentAndStillAcknowledgesAfterwards() {
        open(1, 1_000);
        submitAndForget(1, 0);
        submitAndForget(1, 0);
        core.closeWhenDone();
        core.flush();
        assertThat(sent).noneMatch(SubmitRequest::getWhenDone);
        credit(2, 1_000);
        assertThat(sent.get(sent.size() - 1).getWhenDone()).isTrue();
        arrive(CompletionsResponse.newBuilder()
                .addCompletions(result(1, 1))
                .addCompletions(result(2, 2))
                .build());
        core.flush();
        assertThat(sent.get(sent.size() - 1).getAcknowledged()).isEqualTo(2);
        core.ended(generation);
        core.flush();
        assertThat(ended).isEqualTo(1);
        assertThat(streamFinished).isTrue();
        assertThat(broken).isEmpty();
    }

    @Test
    void aSessionThatWasNeverOpenedEndsWhenItIsClosed() {
        core.closeWhenDone();
        core.flush();
        core.flush();
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void aBrokenSessionFailsWhatIsPendingAndWhatComesLaterWithTheReason() {
        open(100, 1_000);
        submitAndForget(1, 0);
        core.flush();
        RuntimeException reason = new BrokenExecutorException("no more");
        core.broke(reason);
        submitAndForget(1, 0);
        core.flush();
        assertThat(finished).extracting(SessionCore.Finished::reason).containsExactly(reason, reason);
        assertThat(broken).containsExactly(reason);
    }

    @Test
    void aStreamThatEndsWhileTasksArePendingBreaksTheSession() {
        open(100, 1_000);
        submitAndForget(1, 0);
        core.flush();
        core.ended(generation);
        core.flush();
        assertThat(finished).singleElement().satisfies(one -> assertThat(one.reason())
                .isInstanceOf(BrokenExecutorException.class)
                .hasMessageContaining("1 of its tasks"));
        assertThat(ended).isEqualTo(1);
    }
}
