package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.RequestGrant;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Last permitted attempts start on the client's word only. */
class GrantsTest {
    private final Script script = new Script();

    private static Task once(long sequence) {
        return Script.task(sequence).toBuilder().setAttemptsAfterHostLoss(1).build();
    }

    private RequestGrant requestFor(Task task) {
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(task)));
        return script.last(RequestGrant.class).get(0);
    }

    @Test
    void anOnlyAttemptHasItsSlotAndRunsOnceItIsGranted() {
        RequestGrant request = requestFor(once(1));
        assertThat(request).isEqualTo(new RequestGrant(1, 1, request.attempt(), "h", 1));
        assertThat(script.all(Run.class)).isEmpty();
        assertThat(script.session(1).granted()).isEqualTo(1);
        script.grant();
        assertThat(script.last(Run.class)).extracting(Run::attempt).containsExactly(request.attempt());
        script.tell(new Event.AttemptsGranted(1, List.of(request.attempt())));
        assertThat(script.last).as("said twice").isEmpty();
    }

    @Test
    void anOrdinaryTasksFirstAttemptsNeedNone() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        assertThat(script.all(RequestGrant.class)).isEmpty();
        assertThat(script.all(Run.class)).hasSize(1);
    }

    @Test
    void theGrantOfAnotherSessionIsIgnored() {
        RequestGrant request = requestFor(once(1));
        script.open(2, 0).tell(new Event.AttemptsGranted(2, List.of(request.attempt())));
        assertThat(script.all(Run.class)).isEmpty();
    }

    @Test
    void whatWaitsForItsGrantUsesUpNothingWhenItsHostIsLost() {
        RequestGrant first = requestFor(once(1));
        script.attach("other", 1).tell(new Event.HostLeft("h"));
        RequestGrant second = script.last(RequestGrant.class).get(0);
        assertThat(second.host()).isEqualTo("other");
        assertThat(script.all(Complete.class)).isEmpty();
        script.tell(new Event.AttemptsGranted(1, List.of(first.attempt())));
        assertThat(script.last(Run.class)).as("too late").isEmpty();
        script.tell(new Event.AttemptsGranted(1, List.of(second.attempt())));
        assertThat(script.last(Run.class).get(0).startNumber()).isEqualTo(1);
    }

    @Test
    void aGrantedAttemptIsTheEndOfItsTaskWhenItsHostIsLost() {
        requestFor(once(1));
        script.grant().attach("other", 1).tell(new Event.HostLeft("h"));
        assertThat(script.last(Complete.class).get(0).outcome().getLoss().getCause())
                .isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(script.last(RequestGrant.class)).isEmpty();
    }

    @Test
    void aGrantedAttemptThatNeverArrivedAsksAgain() {
        RequestGrant first = requestFor(once(1));
        script.grant().tell(new Event.HostDetached("h")).attach("h", 1);
        assertThat(script.last(RequestGrant.class)).hasSize(1);
        assertThat(script.last(RequestGrant.class).get(0).attempt()).isGreaterThan(first.attempt());
    }

    @Test
    void aGrantedAttemptOfASessionThatItsHostHasGivenUpIsLost() {
        RequestGrant request = requestFor(once(1));
        script.grant().confirm(new Decision.SetQuota(request.host(), 1, 1, 0));
        script.tell(new Event.HostDetached("h")).attach("h", 1);
        assertThat(script.last(RequestGrant.class)).isEmpty();
        assertThat(script.last(Complete.class)).hasSize(1);
    }

    @Test
    void withoutStreamsItGivesUpItsSlotAndIsAskedForAgainOnNewOnes() {
        RequestGrant first = requestFor(once(1));
        script.open(2, 0).submit(2, 1, 1);
        assertThat(script.last(Run.class)).as("the only slot is taken").isEmpty();
        script.tell(new Event.SessionStreams(1, false));
        script.all(Decision.SetQuota.class).forEach(script::confirm);
        assertThat(script.all(Run.class)).extracting(Run::session).containsExactly(2);
        assertThat(script.session(1).awaited()).isEqualTo(1);
        script.finish(script.all(Run.class).get(0)).tell(new Event.SessionStreams(1, true));
        script.all(Decision.SetQuota.class).forEach(script::confirm);
        List<RequestGrant> requests = script.all(RequestGrant.class);
        assertThat(requests).hasSize(2);
        assertThat(requests.get(1).attempt()).isGreaterThan(first.attempt());
    }

    @Test
    void whatIsSubmittedBeforeThereAreStreamsToAskOnWaits() {
        script.attach("h", 1).tell(new Event.SessionOpened(1, "session-1", 0, false));
        script.tell(new Event.TasksSubmitted(1, List.of(once(1), Script.task(2))));
        assertThat(script.last(Run.class))
                .extracting(run -> run.task().getSequence())
                .containsExactly(2L);
        assertThat(script.all(RequestGrant.class)).isEmpty();
        script.tell(new Event.SessionStreams(1, true));
        assertThat(script.last(RequestGrant.class)).hasSize(1);
    }

    @Test
    void cancellingWhatWaitsForItsGrantIsDoneHere() {
        requestFor(once(1));
        script.tell(new Event.CancelsRequested(
                1, List.of(Cancel.newBuilder().setSequence(1).build())));
        assertThat(script.last(Complete.class).get(0).outcome().hasCancelled()).isTrue();
        assertThat(script.all(Decision.CancelAttempt.class)).isEmpty();
    }

    @Test
    void whatWaitsBehindABusySlotIsTakenBackForAnIdleOneWithoutARecall() {
        script.attach("busy", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(once(1), once(2))));
        assertThat(script.last(RequestGrant.class)).hasSize(2);
        script.attach("idle", 1);
        assertThat(script.last(RequestGrant.class))
                .extracting(RequestGrant::host)
                .containsExactly("idle");
        assertThat(script.all(Decision.Recall.class)).isEmpty();
    }

    @Test
    void theLastPermittedAttemptAfterAFailureIsGrantedToo() {
        RequestGrant first =
                requestFor(once(1).toBuilder().setAttemptsAfterFailure(2).build());
        script.grant();
        script.finish(
                script.last(Run.class).get(0),
                Outcome.newBuilder()
                        .setLoss(Loss.newBuilder().setCause(Loss.Cause.PROCESS_DIED))
                        .build());
        assertThat(script.last(RequestGrant.class).get(0).attempt()).isGreaterThan(first.attempt());
        assertThat(script.last(Run.class)).isEmpty();
    }
}
