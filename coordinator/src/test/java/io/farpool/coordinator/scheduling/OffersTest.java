package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Acknowledge;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.GrantCredit;
import io.farpool.coordinator.scheduling.Decision.OfferOutcome;
import io.farpool.coordinator.scheduling.Decision.ReportRetry;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.Task;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Outcomes whose payloads are at hosts, and tasks whose payloads are at clients. */
class OffersTest {
    private static final long MILLISECOND = 1_000_000;

    private final Script script = new Script();
    private final Set<Long> answered = new HashSet<>();

    private static Payload reference(long bytes) {
        return Payload.newBuilder()
                .setReference(PayloadReference.newBuilder().setSizeBytes(bytes).setCrc32C(9))
                .build();
    }

    private static Outcome large() {
        return Outcome.newBuilder()
                .setResult(reference(64 << 20))
                .setRunNanos(MILLISECOND)
                .build();
    }

    private static Outcome largeFailure(boolean retryable) {
        return Outcome.newBuilder()
                .setFailure(
                        Failure.newBuilder().setException(reference(5 << 20)).setRetryable(retryable))
                .build();
    }

    private Run run() {
        return script.last(Run.class).get(0);
    }

    private OfferOutcome offer() {
        assertThat(script.last(OfferOutcome.class)).hasSize(1);
        return script.last(OfferOutcome.class).get(0);
    }

    private Script take(OfferOutcome... offers) {
        return script.tell(new Event.OutcomesTaken(
                1, List.of(offers).stream().map(OfferOutcome::attempt).toList()));
    }

    private Script cancel(boolean evenIfRunning) {
        return script.tell(new Event.CancelsRequested(
                1,
                List.of(Cancel.newBuilder()
                        .setSequence(1)
                        .setEvenIfRunning(evenIfRunning)
                        .build())));
    }

    private static AttemptHeld ended(long epoch, long attempt) {
        return held(1, attempt)
                .setEpoch(epoch)
                .setOutcome(AttemptOutcome.newBuilder().setAttempt(attempt).setOutcome(large()))
                .build();
    }

    @Test
    void aLargeOutcomeIsOfferedAndCompletesItsTaskOnceTaken() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        script.finish(run, large());
        assertThat(script.last).containsExactly(new OfferOutcome(1, 1, run.attempt(), large()));
        assertThat(script.scheduler.offer(1, run.attempt())).isEqualTo(new OfferView(1, "h", 64 << 20));
        assertThat(script.session(1).offered()).isEqualTo(1);
        assertThat(script.session(1).assigned()).isZero();
        OfferOutcome offer = offer();
        script.finish(run, large());
        assertThat(script.last).as("said again, it waits on").isEmpty();
        take(offer);
        assertThat(script.last(Complete.class)).containsExactly(new Complete(1, 1, 1, large(), 1));
        assertThat(script.all(Acknowledge.class)).isEmpty();
        assertThat(script.scheduler.offer(1, run.attempt())).isNull();
        take(offer);
        assertThat(script.last).as("taken once").isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Acknowledge.class)).containsExactly(new Acknowledge("h", run.attempt()));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void theSlotOfAnOfferedAttemptIsFreeAndItsTaskCountsInTheCreditUntilItIsTaken() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 3);
        List<Run> first = script.last(Run.class);
        script.finish(first.get(0), large());
        assertThat(script.last(Run.class)).hasSize(1);
        assertThat(script.last(GrantCredit.class)).isEmpty();
        take(script.all(OfferOutcome.class).get(0));
        assertThat(script.last(GrantCredit.class)).hasSize(1);
    }

    @Test
    void aClientThatTakesNothingDoesNotStallItsSession() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 20);
        for (int i = 0; i < 20; i++) {
            script.finish(script.all(Run.class).get(i), large());
        }
        assertThat(script.all(OfferOutcome.class)).hasSize(20);
        assertThat(script.all(Complete.class)).isEmpty();
    }

    @Test
    void whatOfferedFailuresSayIsKeptWithinABound() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 20);
        Outcome talkative = Outcome.newBuilder()
                .setFailure(
                        Failure.newBuilder().setException(reference(5 << 20)).setStackTrace("x".repeat(40 << 20)))
                .build();
        script.finish(script.all(Run.class).get(0), talkative);
        script.finish(script.all(Run.class).get(1), talkative);
        assertThat(script.last(Run.class)).isEmpty();
        take(script.all(OfferOutcome.class).get(0));
        assertThat(script.last(Run.class)).as("its completion is kept now").isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Run.class)).isNotEmpty();
    }

    private Script attachHolding(String host, long heldResultBytes) {
        return script.tell(new Event.HostAttached(host, 1, 1, heldResultBytes, List.of(), List.of()));
    }

    private void finishNext(String host) {
        Run next = script.all(Run.class).stream()
                .filter(run -> run.host().equals(host) && script.scheduler.offer(1, run.attempt()) == null)
                .filter(run -> answered.add(run.attempt()))
                .findFirst()
                .orElseThrow();
        script.finish(next, large());
    }

    @Test
    void aHostWithAsManyResultsAsItKeepsIsLeftAloneUntilSomeAreTaken() {
        attachHolding("full", 150 << 20).attach("other", 1).open(1, 0).submit(1, 1, 1_000);
        finishNext("full");
        finishNext("full");
        assertThat(script.last(Decision.Recall.class)).isEmpty();
        finishNext("full");
        Decision.SetQuota none = script.last(Decision.SetQuota.class).get(0);
        assertThat(none).isEqualTo(new Decision.SetQuota("full", 1, 0, none.revision()));
        List<Long> recalled = script.last(Decision.Recall.class).stream()
                .map(Decision.Recall::attempt)
                .toList();
        assertThat(recalled).isNotEmpty();
        answered.addAll(recalled);
        script.confirm(none).tell(new Event.AttemptsReturned("full", recalled));
        for (int i = 0; i < 50; i++) {
            finishNext("other");
            assertThat(script.last(Run.class)).extracting(Run::host).containsOnly("other");
        }
        List<OfferOutcome> offers = script.all(OfferOutcome.class).stream()
                .filter(offer ->
                        "full".equals(script.scheduler.offer(1, offer.attempt()).host()))
                .toList();
        take(offers.get(0));
        assertThat(script.last(Run.class)).as("128 MiB are left").isEmpty();
        take(offers.get(1));
        assertThat(script.last(Run.class)).extracting(Run::host).contains("full");
    }

    @Test
    void theSlotsOfASessionThatAHostKeepsTooMuchOfAreForOthers() {
        attachHolding("full", 100 << 20).open(1, 0).submit(1, 1, 10);
        finishNext("full");
        finishNext("full");
        script.confirm(script.last(Decision.SetQuota.class).get(0));
        script.open(2, 0).submit(2, 1, 1);
        assertThat(script.last(Run.class)).extracting(Run::session).containsExactly(2);
        assertThat(script.session(1).granted()).isZero();
    }

    @Test
    void offersAreRepeatedOnANewStreamUntilTaken() {
        script.attach("h", 2).open(1, 0).submit(1, 1, 2);
        List<Run> runs = script.last(Run.class);
        script.finish(runs.get(0), large()).finish(runs.get(1), large());
        List<OfferOutcome> offers = script.all(OfferOutcome.class);
        script.tell(new Event.SessionStreams(1, false), new Event.SessionStreams(1, true));
        script.tell(new Event.CompletionsWanted(1, 0));
        assertThat(script.last(OfferOutcome.class)).isEqualTo(offers);
        take(offers.get(0)).tell(new Event.CompletionsWanted(1, 0));
        assertThat(script.last(OfferOutcome.class)).containsExactly(offers.get(1));
        assertThat(script.last(Complete.class)).hasSize(1);
    }

    @Test
    void whatIsNotOfferedCannotBeTaken() {
        script.attach("h", 1).open(1, 0).open(2, 0).submit(1, 1, 1);
        Run run = run();
        script.tell(new Event.OutcomesTaken(1, List.of(run.attempt(), 4_711L)));
        assertThat(script.last).isEmpty();
        script.finish(run, large());
        script.tell(new Event.OutcomesTaken(2, List.of(run.attempt())));
        assertThat(script.last).as("another session's").isEmpty();
        assertThat(script.scheduler.offer(2, run.attempt())).isNull();
        assertThat(script.scheduler.offer(1, run.attempt())).isNotNull();
    }

    @Test
    void aRetryableLargeFailureIsRetriedAndOnlyTheLastIsOffered() {
        Task twice = Script.task(1).toBuilder().setAttemptsAfterFailure(2).build();
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(twice)));
        script.finish(run(), largeFailure(true));
        assertThat(script.last(OfferOutcome.class)).isEmpty();
        assertThat(script.last(Acknowledge.class)).hasSize(1);
        assertThat(script.last(ReportRetry.class).get(0).because().getFailure().hasException())
                .isFalse();
        script.finish(run(), largeFailure(true));
        take(offer());
        assertThat(script.last(Complete.class).get(0).attempts()).isEqualTo(2);
        assertThat(script.session(1).failed()).isEqualTo(1);
    }

    @Test
    void anOutcomeThatIsLostWithItsHostIsMadeAgainWithinTheBudget() {
        Task twice = Script.task(1).toBuilder().setAttemptsAfterHostLoss(2).build();
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(twice)));
        script.finish(run(), large());
        OfferOutcome first = offer();
        script.attach("other", 1).tell(new Event.HostLeft("h"));
        ReportRetry retry = script.last(ReportRetry.class).get(0);
        assertThat(retry.attemptsUsed()).isEqualTo(1);
        assertThat(retry.because().getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(retry.because().getLoss().getMessage())
                .isEqualTo("host h was lost: it left the cluster; the task had ended, and its outcome was lost with the"
                        + " host");
        long asked = script.last(Decision.RequestGrant.class).get(0).attempt();
        take(first);
        assertThat(script.last).as("too late").isEmpty();
        script.tell(new Event.AttemptsGranted(1, List.of(asked)));
        assertThat(run().startNumber()).isEqualTo(2);
        script.finish(run(), large()).tell(new Event.HostLeft("other"));
        assertThat(script.last(Complete.class).get(0).outcome().getLoss().getCause())
                .isEqualTo(Loss.Cause.HOST_LOST);
        assertThat(script.last(Complete.class).get(0).attempts()).isEqualTo(2);
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void aCancelledOfferIsForgottenByItsHostAtOnce() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        script.finish(run, large());
        OfferOutcome offer = offer();
        cancel(true);
        assertThat(script.last(Acknowledge.class)).containsExactly(new Acknowledge("h", run.attempt()));
        assertThat(script.last(Complete.class))
                .extracting(complete -> complete.outcome().hasCancelled())
                .containsExactly(true);
        take(offer);
        assertThat(script.last).isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.all(Acknowledge.class)).hasSize(1);
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void aTaskThatRanOnAfterItsCancelIsNotOffered() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        cancel(false).finish(run, large());
        assertThat(script.last(OfferOutcome.class)).isEmpty();
        assertThat(script.last(Acknowledge.class)).containsExactly(new Acknowledge("h", run.attempt()));
        assertThat(script.last(Complete.class).get(0).outcome().hasCancelled()).isTrue();
        assertThat(script.last(Complete.class).get(0).attempts()).isEqualTo(1);
    }

    @Test
    void nothingIsLeftOfTheOffersOfASessionThatEnds() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        script.finish(run(), large());
        OfferOutcome offer = offer();
        script.tell(new Event.SessionEnded(1, false));
        assertThat(script.scheduler.offer(1, offer.attempt())).isNull();
        take(offer);
        assertThat(script.last(Complete.class)).isEmpty();
        script.confirm(new Decision.SetQuota("h", 1, 0, 0));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void anOfferOutlivesABreakOfItsHostsStream() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        script.finish(run, large());
        OfferOutcome offer = offer();
        script.tell(new Event.HostDetached("h"));
        script.attach("h", 1, ended(Script.EPOCH, run.attempt()));
        assertThat(script.last(Complete.class)).isEmpty();
        assertThat(script.last(ReportRetry.class)).isEmpty();
        take(offer);
        assertThat(script.last(Complete.class)).hasSize(1);
    }

    @Test
    void whatAHostSaysOfAnAttemptThatHasEndedChangesNothing() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        script.finish(run, large());
        script.tell(new Event.AttemptsReturned("h", List.of(run.attempt())), Script.started(run));
        assertThat(script.last).isEmpty();
        assertThat(script.scheduler.offer(1, run.attempt())).isNotNull();
    }

    @Test
    void aHostThatComesBackWithoutAnOfferedOutcomeHasLostIt() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = run();
        script.finish(run, large());
        script.tell(new Event.HostDetached("h")).attach("h", 1);
        assertThat(script.last(ReportRetry.class)).hasSize(1);
        assertThat(run().startNumber()).isEqualTo(2);
        assertThat(script.scheduler.offer(1, run.attempt())).isNull();
    }

    @Test
    void aHeldLargeOutcomeIsAdoptedAndOffered() {
        script.attachHolding("h", ended(Script.EPOCH - 1, 40)).resume(1, "h").pending(1, pending(1));
        OfferOutcome offer = offer();
        assertThat(script.last(Decision.Adopt.class).get(0).attempt()).isEqualTo(offer.attempt());
        take(offer);
        assertThat(script.last(Complete.class).get(0).uncounted()).isTrue();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Acknowledge.class)).containsExactly(new Acknowledge("h", offer.attempt()));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void anAdoptedOutcomeThatIsLostHasItsTasksBytesWanted() {
        script.attachHolding("h", ended(Script.EPOCH - 1, 40)).resume(1, "h").pending(1, pending(1));
        script.tell(new Event.HostLeft("h"));
        assertThat(script.last(ReportRetry.class)).hasSize(1);
        assertThat(script.last(Decision.WantTasks.class)).hasSize(1);
    }

    /** Found by the joint simulation: it was offered for ever. */
    @Test
    void anAdoptedOutcomeThatItsHostHasGivenUpMeanwhileIsLost() {
        script.attachHolding("h", ended(Script.EPOCH - 1, 40)).resume(1, "h").pending(1, pending(1));
        OfferOutcome offer = offer();
        Outcome gone = Outcome.newBuilder()
                .setLoss(Loss.newBuilder().setCause(Loss.Cause.HOST_LOST).setMessage("it had given it up"))
                .build();
        script.tell(new Event.AttemptsEnded(
                "h",
                List.of(AttemptOutcome.newBuilder()
                        .setAttempt(offer.attempt())
                        .setOutcome(gone)
                        .build())));
        assertThat(script.last(ReportRetry.class).get(0).because().getLoss().getMessage())
                .isEqualTo("the task had ended on host h, and its outcome was lost: it had given it up");
        assertThat(script.last(Acknowledge.class))
                .as("it may hold what it said")
                .hasSize(1);
        assertThat(script.last(Decision.WantTasks.class)).hasSize(1);
        assertThat(script.scheduler.offer(1, offer.attempt())).isNull();
    }

    @Test
    void bytesThatComeForATaskWhoseOutcomeHasBeenOfferedMeanwhileAreKept() {
        script.resume(1, "late")
                .pending(1, pending(1))
                .pass(SchedulerSettings.defaults().recoveryWindowMillis());
        assertThat(script.last(Decision.WantTasks.class)).hasSize(1);
        script.attach(
                "late",
                SessionHeld.newBuilder().setSessionId("session-1").setProcesses(1),
                ended(Script.EPOCH - 1, 40));
        OfferOutcome offer = offer();
        script.submit(1, 1, 1);
        assertThat(script.last(Run.class)).isEmpty();
        take(offer);
        assertThat(script.last(Complete.class).get(0).uncounted()).isFalse();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    private static Task largeTask(long sequence) {
        return Script.task(sequence).toBuilder().setPayload(reference(1L << 30)).build();
    }

    @Test
    void oneLargeTaskIsSentAheadOfEachSlotHoweverLongTasksTake() {
        script.attach("h", 2).open(1, 0);
        script.tell(new Event.TasksSubmitted(
                1, LongStream.rangeClosed(1, 10).mapToObj(OffersTest::largeTask).toList()));
        assertThat(script.last(Run.class)).hasSize(4);
        for (int i = 0; i < 5; i++) {
            script.finish(script.all(Run.class).get(i), Script.result(10_000 * MILLISECOND));
            assertThat(script.session(1).assigned()).isEqualTo(4);
        }
    }

    private boolean slotIsTaken() {
        return script.all(Decision.SetQuota.class).stream()
                .anyMatch(quota -> quota.session() == 1 && quota.processes() == 0);
    }

    @Test
    void aSlotWhosePayloadIsFetchedIsKeptForAsLongAsThatMayTake() {
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(largeTask(1))));
        script.open(2, 0).submit(2, 1, 1);
        for (long seconds = 0; seconds < 126; seconds += 9) {
            assertThat(slotIsTaken()).as("after %s s", seconds).isFalse();
            script.tell(new Event.HostHeard("h")).pass(9_000);
        }
        script.tell(new Event.HostHeard("h")).pass(9_000);
        assertThat(slotIsTaken()).as("30 s, and 1 GiB at 10 MiB/s").isTrue();
    }

    @Test
    void aSlotThatWaitsForAPayloadOfAClientThatIsAwayIsGivenToOthers() {
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(largeTask(1))));
        script.open(2, 0).submit(2, 1, 1).pass(1_001);
        assertThat(slotIsTaken()).isFalse();
        script.tell(new Event.SessionStreams(1, false)).pass(1_001);
        assertThat(slotIsTaken()).isTrue();
    }

    @Test
    void aReferenceCountsAsLittleInTheCredit() {
        Script tight = new Script(SchedulerSettings.defaults().withCredit(100, 3 * TaskState.REFERENCE_BYTES));
        tight.open(1, 0);
        tight.tell(new Event.TasksSubmitted(
                1, LongStream.rangeClosed(1, 3).mapToObj(OffersTest::largeTask).toList()));
        assertThat(tight.all(Decision.RefuseSubmission.class)).isEmpty();
        tight.tell(new Event.TasksSubmitted(1, List.of(largeTask(4))));
        assertThat(tight.all(Decision.RefuseSubmission.class)).hasSize(1);
    }

    @Test
    void onlyTheHostThatIsToRunATaskMayFetchItsPayload() {
        script.attach("h", 1).attach("other", 1).open(1, 0);
        script.tell(new Event.TasksSubmitted(1, List.of(largeTask(1))));
        Run run = run();
        String elsewhere = run.host().equals("h") ? "other" : "h";
        assertThat(script.scheduler.argumentBytes(1, 1, run.host())).hasValue(1L << 30);
        assertThat(script.scheduler.argumentBytes(1, 1, elsewhere)).isEmpty();
        assertThat(script.scheduler.argumentBytes(1, 2, run.host())).isEmpty();
        assertThat(script.scheduler.argumentBytes(2, 1, run.host())).isEmpty();
        assertThat(script.scheduler.isIntroduced(run.host(), 1)).isTrue();
        assertThat(script.scheduler.isIntroduced(elsewhere, 1)).isFalse();
        assertThat(script.scheduler.isAttached(run.host(), 1)).isTrue();
        assertThat(script.scheduler.isAttached(run.host(), 2)).isFalse();
        script.finish(run);
        assertThat(script.scheduler.argumentBytes(1, 1, run.host())).isEmpty();
    }

    @Test
    void whatWaitsBehindASlowTaskIsRecalledThoughItWasSentBeforeIt() {
        script.attach("slow", 1).open(1, 0);
        script.tell(new Event.TasksSubmitted(1, List.of(largeTask(1), Script.task(2))));
        List<Run> runs = script.last(Run.class);
        script.tell(Script.started(runs.get(1)));
        script.attach("idle", 1);
        assertThat(script.last(Decision.Recall.class))
                .as("the one that is still being fetched")
                .containsExactly(new Decision.Recall("slow", runs.get(0).attempt()));
    }
}
