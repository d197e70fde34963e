package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Acknowledge;
import io.farpool.coordinator.scheduling.Decision.CancelAttempt;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.ReportRetry;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How attempts end, and what becomes of their tasks. */
class AttemptsTest {
    private static final Outcome DIED = Outcome.newBuilder()
            .setLoss(Loss.newBuilder().setCause(Loss.Cause.PROCESS_DIED))
            .build();

    private final Script script = new Script();

    private static Outcome failure(boolean retryable) {
        return Outcome.newBuilder()
                .setFailure(Failure.newBuilder()
                        .setRetryable(retryable)
                        .setException(Payload.getDefaultInstance())
                        .setMessage("no"))
                .build();
    }

    private Run runOf(Task task) {
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(task)));
        return script.last(Run.class).get(0);
    }

    @Test
    void anOutcomeIsAcknowledgedToItsHostOnlyAfterTheClientHasAcknowledgedTheCompletion() {
        Run run = runOf(Script.task(1));
        script.finish(run);
        assertThat(script.last(Complete.class)).hasSize(1);
        assertThat(script.all(Acknowledge.class)).isEmpty();
        script.finish(run);
        assertThat(script.last).as("said again, it waits on").isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Acknowledge.class)).containsExactly(new Acknowledge("h", run.attempt()));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void anUnknownAttemptsOutcomeChangesNothingAndIsAcknowledged() {
        runOf(Script.task(1));
        script.finish(new Run("h", 1, 4711, 1, Script.task(1)));
        assertThat(script.last).containsExactly(new Acknowledge("h", 4711));
    }

    @Test
    void aDeadProcessFailsItsTaskUnlessMoreAttemptsWereAskedFor() {
        script.finish(runOf(Script.task(1)), DIED);
        assertThat(script.last(Complete.class)).hasSize(1);
        script.tell(new Event.TasksSubmitted(
                1, List.of(Script.task(2).toBuilder().setAttemptsAfterFailure(2).build())));
        script.finish(script.last(Run.class).get(0), DIED);
        assertThat(script.last(ReportRetry.class)).containsExactly(new ReportRetry(1, 2, 1, DIED));
        assertThat(script.last(Acknowledge.class)).hasSize(1);
        Run second = script.last(Run.class).get(0);
        assertThat(second.startNumber()).isEqualTo(2);
        script.finish(second, DIED);
        assertThat(script.last(Complete.class).get(0).attempts()).isEqualTo(2);
    }

    @Test
    void onlyAFailureMarkedRetryableIsRetriedAndToldWithoutItsPayload() {
        Task twice = Script.task(1).toBuilder().setAttemptsAfterFailure(2).build();
        Run run = runOf(twice);
        script.finish(run, failure(true));
        assertThat(script.last(ReportRetry.class).get(0).because().getFailure().hasException())
                .isFalse();
        script.finish(script.last(Run.class).get(0), failure(true));
        assertThat(script.last(Complete.class)).hasSize(1);
        script.tell(new Event.TasksSubmitted(
                1, List.of(twice.toBuilder().setSequence(2).build())));
        script.finish(script.last(Run.class).get(0), failure(false));
        assertThat(script.last(Complete.class)).hasSize(1);
    }

    @Test
    void aLostHostsTasksRunElsewhereThreeTimesInAll() {
        runOf(Script.task(1));
        for (int start = 2; start <= 3; start++) {
            script.attach("other" + start, 1);
            script.tell(new Event.HostLeft(start == 2 ? "h" : "other2"));
            if (start == 3) {
                assertThat(script.last(Run.class))
                        .as("the last one needs a grant")
                        .isEmpty();
                script.grant();
            }
            Run again = script.last(Run.class).get(0);
            assertThat(again.startNumber()).isEqualTo(start);
        }
        script.tell(new Event.HostLeft("other3"));
        Complete lost = script.last(Complete.class).get(0);
        assertThat(lost.outcome().getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(lost.outcome().getLoss().getMessage()).contains("other3");
        assertThat(lost.attempts()).isEqualTo(3);
    }

    @Test
    void theClientIsToldWhenAnAttemptWasAssigned() {
        Run run = runOf(Script.task(1));
        script.pass(250).tell(Script.started(run));
        assertThat(script.last(Decision.ReportStarted.class))
                .extracting(started -> started.place().getAssignedMillisAgo())
                .containsExactly(250);
        script.pass(50).tell(new Event.HostLeft("h"));
        assertThat(script.last(ReportRetry.class))
                .extracting(retry -> retry.because().getPlace().getAssignedMillisAgo())
                .containsExactly(300);
    }

    @Test
    void anOutcomeFromAHostThatWasGivenUpIsFenced() {
        Run first = runOf(Script.task(1));
        script.attach("other", 1).tell(new Event.HostLeft("h"));
        Run second = script.last(Run.class).get(0);
        script.attach(
                "h",
                1,
                AttemptHeld.newBuilder()
                        .setEpoch(Script.EPOCH)
                        .setAttempt(first.attempt())
                        .build());
        assertThat(script.last(Decision.Welcome.class))
                .containsExactly(new Decision.Welcome(
                        "h",
                        List.of(AttemptName.newBuilder()
                                .setEpoch(Script.EPOCH)
                                .setAttempt(first.attempt())
                                .build())));
        script.finish(first);
        assertThat(script.last(Complete.class)).isEmpty();
        script.finish(second);
        assertThat(script.last(Complete.class)).hasSize(1);
    }

    @Test
    void aTaskThatWaitsIsCancelledAtOnceAndAnAssignedOneByItsHost() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 3);
        Run assigned = script.last(Run.class).get(0);
        script.tell(new Event.CancelsRequested(
                1, List.of(Cancel.newBuilder().setSequence(3).build())));
        assertThat(script.last(Complete.class).get(0).outcome().hasCancelled()).isTrue();
        assertThat(script.last(Complete.class).get(0).attempts()).isZero();
        Cancel hard = Cancel.newBuilder().setSequence(1).setEvenIfRunning(true).build();
        script.tell(new Event.CancelsRequested(1, List.of(hard)));
        assertThat(script.last).containsExactly(new CancelAttempt("h", assigned.attempt(), true));
        script.finish(
                assigned,
                Outcome.newBuilder()
                        .setCancelled(Cancelled.getDefaultInstance())
                        .build());
        assertThat(script.last(Complete.class).get(0).sequence()).isEqualTo(1);
    }

    @Test
    void aCancelledTaskIsNotRetriedWhenItsHostIsLost() {
        runOf(Script.task(1));
        script.tell(new Event.CancelsRequested(
                1, List.of(Cancel.newBuilder().setSequence(1).build())));
        script.tell(new Event.HostLeft("h"));
        assertThat(script.last(Complete.class).get(0).outcome().hasCancelled()).isTrue();
    }

    @Test
    void afterABrokenStreamWhatNeverArrivedIsSentAgainAndWhatRunsGoesOn() {
        script.attach("h", 2).open(1, 0).submit(1, 1, 2);
        Run arrived = script.last(Run.class).get(0);
        Run lost = script.last(Run.class).get(1);
        script.tell(new Event.HostDetached("h"));
        script.attach(
                "h",
                2,
                AttemptHeld.newBuilder()
                        .setEpoch(Script.EPOCH)
                        .setAttempt(arrived.attempt())
                        .setRunning(true)
                        .build());
        assertThat(script.last(Run.class)).hasSize(1);
        Run again = script.last(Run.class).get(0);
        assertThat(again.task()).isEqualTo(lost.task());
        assertThat(again.startNumber()).isEqualTo(1);
        script.finish(arrived);
        assertThat(script.last(Complete.class).get(0).attempts()).isEqualTo(1);
    }
}
