package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.interval;
import static io.farpool.coordinator.scheduling.Script.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.coordinator.scheduling.Decision.Adopt;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.DropAttempt;
import io.farpool.coordinator.scheduling.Decision.DropSession;
import io.farpool.coordinator.scheduling.Decision.RequestGrant;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.coordinator.scheduling.Decision.TellHosts;
import io.farpool.coordinator.scheduling.Decision.WantTasks;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Cancel;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.SessionHeld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A coordinator with an empty memory: what it adopts, drops, wants, and gives up. */
class RecoveryTest {
    private final Script script = new Script();

    private static AttemptName name(long attempt) {
        return AttemptName.newBuilder()
                .setEpoch(Script.EPOCH - 1)
                .setAttempt(attempt)
                .build();
    }

    private static AttemptHeld running(long sequence, long attempt) {
        return held(sequence, attempt).setRunning(true).build();
    }

    private static AttemptHeld ended(long sequence, long attempt) {
        return held(sequence, attempt)
                .setOutcome(AttemptOutcome.newBuilder().setAttempt(attempt).setOutcome(Script.result(1)))
                .build();
    }

    private static PendingTask granted(long sequence, String host) {
        return granted(sequence, Script.EPOCH - 1, host, 1);
    }

    private static PendingTask granted(long sequence, long epoch, String host, long incarnation) {
        return PendingTask.newBuilder()
                .setSequence(sequence)
                .setAttemptsAfterHostLoss(1)
                .setGrant(Grant.newBuilder().setEpoch(epoch).setHost(host).setIncarnation(incarnation))
                .build();
    }

    private Loss.Cause cause(Complete complete) {
        return complete.outcome().getLoss().getCause();
    }

    @Test
    void whatRunsIsAdoptedAndCompletesWithItsOutcome() {
        script.attachHolding("h", running(1, 40)).resume(1, "h").pending(1, pending(1));
        Adopt adopt = script.last(Adopt.class).get(0);
        assertThat(adopt.held()).isEqualTo(name(40));
        assertThat(script.all(WantTasks.class)).isEmpty();
        assertThat(script.last.indexOf(adopt))
                .isGreaterThan(script.last.indexOf(
                        script.last(Decision.OpenSession.class).get(0)));
        script.finish(new Run("h", 1, adopt.attempt(), 1, Script.task(1)));
        assertThat(script.last(Complete.class)).extracting(Complete::attempts).containsExactly(1);
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Decision.Acknowledge.class))
                .containsExactly(new Decision.Acknowledge("h", adopt.attempt()));
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void whatHasEndedCompletesAtOnceAndIsForgottenByItsHostOnlyOnceAcknowledged() {
        script.resume(1, "h").pending(1, pending(1)).attachHolding("h", ended(1, 40));
        assertThat(script.last(Complete.class)).hasSize(1);
        assertThat(script.all(Decision.Acknowledge.class)).isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Decision.Acknowledge.class)).hasSize(1);
    }

    @Test
    void whatNobodyPendingAsksForIsDroppedAndProvesNothingWrong() {
        script.attachHolding("h", running(1, 40), ended(2, 41)).resume(1, "h").pending(1, pending(1));
        assertThat(script.last(DropAttempt.class)).containsExactly(new DropAttempt("h", name(41), true));
        assertThat(script.all(Complete.class)).isEmpty();
    }

    @Test
    void anOutcomeWhoseAcknowledgementWasLostIsAcknowledgedAgainAndProvesNothingWrong() {
        script.attach("h", 2).open(1, 0).submit(1, 1, 1);
        Run run = script.last(Run.class).get(0);
        script.finish(run).tell(new Event.CompletionsAcknowledged(1, 1));
        AttemptHeld ended = ended(1, run.attempt());
        script.attachHolding("h", ended.toBuilder().setEpoch(Script.EPOCH).build());
        assertThat(script.last(Decision.Welcome.class)).containsExactly(new Decision.Welcome("h", List.of()));
        assertThat(script.last(Decision.Acknowledge.class))
                .containsExactly(new Decision.Acknowledge("h", run.attempt()));
    }

    @Test
    void theRestIsWantedOnceAllKnownHostsAreThere() {
        script.resume(1, "h", "late").pending(1, pending(1), pending(2), pending(3));
        script.attachHolding("h", running(2, 40));
        assertThat(script.all(WantTasks.class)).isEmpty();
        script.attach("late", 1);
        assertThat(script.last(WantTasks.class))
                .containsExactly(new WantTasks(1, List.of(interval(1, 1), interval(3, 3))));
        script.submit(1, 1, 1).submit(1, 3, 3);
        assertThat(script.all(Run.class))
                .extracting(run -> run.task().getSequence())
                .containsExactly(1L, 3L);
    }

    @Test
    void theRecoveryWindowEndsTheWaitingForHosts() {
        script.resume(1, "never").pending(1, pending(1));
        script.pass(9_999);
        assertThat(script.all(WantTasks.class)).isEmpty();
        script.pass(1);
        assertThat(script.last(WantTasks.class)).hasSize(1);
    }

    @Test
    void newTasksRunWhileOldOnesAreWaitedFor() {
        script.attach("h", 1).resume(1, "never").pending(1, pending(1)).submit(1, 2, 2);
        assertThat(script.last(Run.class)).hasSize(1);
    }

    @Test
    void aHostThatComesLateIsAdoptedFromAsLongAsTheBytesHaveNotCome() {
        script.attach("h", 2)
                .resume(1, "late")
                .pending(1, pending(1), pending(2))
                .pass(10_000);
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.tell(new Event.HostHeard("h")).submit(1, 2, 2);
        script.attachHolding("late", running(1, 40), running(2, 41));
        assertThat(script.last(Adopt.class)).extracting(Adopt::held).containsExactly(name(40));
        assertThat(script.last(DropAttempt.class)).extracting(DropAttempt::held).containsExactly(name(41));
        script.submit(1, 1, 1);
        assertThat(script.last(Run.class)).as("it is there already").isEmpty();
    }

    @Test
    void theSameTaskIsAdoptedFromOneHostOnly() {
        script.attachHolding("a", running(1, 40)).attachHolding("b", running(1, 41));
        script.resume(1, "a", "b").pending(1, pending(1));
        assertThat(script.last(Adopt.class)).hasSize(1);
        assertThat(script.last(DropAttempt.class)).hasSize(1);
    }

    @Test
    void anAttemptThatTheClientHasBeenToldIsLostIsNotAdopted() {
        script.attachHolding("h", running(1, 40)).resume(1, "h");
        script.pending(1, pending(1).toBuilder().setAttemptsUsed(1).build());
        assertThat(script.last(DropAttempt.class)).containsExactly(new DropAttempt("h", name(40), false));
        assertThat(script.last(WantTasks.class)).hasSize(1);
    }

    @Test
    void anAdoptionThatMayNotHaveArrivedIsSaidAgain() {
        script.attachHolding("h", running(1, 40)).resume(1, "h").pending(1, pending(1));
        Adopt first = script.last(Adopt.class).get(0);
        script.tell(new Event.HostDetached("h")).attachHolding("h", ended(1, 40));
        assertThat(script.last(Adopt.class)).containsExactly(first);
        assertThat(script.last(Complete.class)).hasSize(1);
        script.tell(new Event.HostDetached("h")).attachHolding("h", ended(1, 40));
        assertThat(script.last(Adopt.class)).as("not acknowledged yet").containsExactly(first);
        assertThat(script.last(Complete.class)).isEmpty();
    }

    @Test
    void anAdoptedTaskThatComesBackUnstartedIsWanted() {
        script.attachHolding("h", held(1, 40).build()).resume(1, "h").pending(1, pending(1));
        Adopt adopt = script.last(Adopt.class).get(0);
        script.tell(new Event.AttemptsReturned("h", List.of(adopt.attempt())));
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.submit(1, 1, 1);
        assertThat(script.last(Run.class).get(0).startNumber()).isEqualTo(1);
    }

    @Test
    void anAdoptedTaskOfALostHostIsWantedForItsNextAttempt() {
        script.attachHolding("h", running(1, 40)).resume(1, "h").pending(1, pending(1));
        script.tell(new Event.HostLeft("h"));
        assertThat(script.last(Decision.ReportRetry.class)).hasSize(1);
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.attach("other", 1).submit(1, 1, 1);
        assertThat(script.last(Run.class).get(0).startNumber()).isEqualTo(2);
    }

    @Test
    void aGrantedTaskThatNobodyHasIsUnaccountedFor() {
        script.resume(1, "gone").pending(1, granted(1, "gone")).pass(10_000);
        assertThat(script.last(Complete.class)).extracting(this::cause).containsExactly(Loss.Cause.UNACCOUNTED);
        assertThat(script.last(Complete.class)).extracting(Complete::attempts).containsExactly(1);
        assertThat(script.all(WantTasks.class)).isEmpty();
    }

    @Test
    void aGrantedTaskThatItsHostHasNeverHeardOfRunsAgain() {
        script.attachHolding("h").resume(1, "h").pending(1, granted(1, "h"));
        assertThat(script.all(Complete.class)).isEmpty();
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.tell(new Event.TasksSubmitted(
                1,
                List.of(Script.task(1).toBuilder().setAttemptsAfterHostLoss(1).build())));
        assertThat(script.last(RequestGrant.class)).hasSize(1);
    }

    @Test
    void theHostOfAGrantIsWaitedForEvenIfTheClientDoesNotNameIt() {
        script.attach("h", 1).resume(1, "h").pending(1, granted(1, "late"));
        assertThat(script.all(Complete.class)).isEmpty();
        script.attachHolding("late", running(1, 40));
        assertThat(script.last(Adopt.class)).hasSize(1);
    }

    @Test
    void aHostThatCannotTellDoesNotProveThatAGrantedTaskHasNotStarted() {
        PendingTask task = granted(1, "h");
        script.attach("h", SessionHeld.newBuilder().setSessionId("session-1").setDroppedStarted(true))
                .resume(1, "h")
                .pending(1, task);
        assertThat(script.last(Complete.class)).as("one was dropped").hasSize(1);

        Script forgetful = new Script();
        forgetful.attach("h", 1).resume(1, "h").pending(1, task);
        assertThat(forgetful.last(Complete.class))
                .as("it has not kept the session")
                .hasSize(1);

        Script anew = new Script();
        anew.attachHolding("h").resume(1, "h").pending(1, granted(1, Script.EPOCH - 1, "h", 9));
        assertThat(anew.last(Complete.class)).as("another incarnation").hasSize(1);

        Script here = new Script();
        here.attachHolding("h").resume(1, "h").pending(1, granted(1, Script.EPOCH, "h", 1));
        assertThat(here.last(Complete.class)).as("it had expired here").hasSize(1);
    }

    @Test
    void aGrantedTaskIsNotAdoptedFromAnotherHost() {
        script.attachHolding("other", running(1, 40)).attachHolding("h");
        script.resume(1, "h", "other").pending(1, granted(1, "h"));
        assertThat(script.last(Adopt.class)).isEmpty();
        assertThat(script.last(DropAttempt.class)).hasSize(1);
    }

    @Test
    void aCancelReachesAnAttemptThatIsAdoptedLaterAndEndsWhatNobodyHas() {
        Cancel hard = Cancel.newBuilder().setSequence(1).setEvenIfRunning(true).build();
        Cancel soft = Cancel.newBuilder().setSequence(2).build();
        script.resume(1, "h")
                .pending(1, pending(1), pending(2))
                .tell(new Event.CancelsRequested(1, List.of(hard, soft)));
        assertThat(script.last(Complete.class)).isEmpty();
        script.attachHolding("h", running(1, 40));
        Adopt adopt = script.last(Adopt.class).get(0);
        assertThat(script.last(Decision.CancelAttempt.class))
                .containsExactly(new Decision.CancelAttempt("h", adopt.attempt(), true));
        assertThat(script.last(Complete.class)).extracting(Complete::sequence).containsExactly(2L);
        assertThat(script.all(WantTasks.class)).isEmpty();
    }

    @Test
    void whatIsHeldOfASessionThatNobodyOpensAgainIsKeptForItsLease() {
        script.attachHolding("h", running(1, 40));
        assertThat(script.scheduler.hosts().get(0).held())
                .as("nobody gets its slots")
                .isEqualTo(2);
        for (int second = 0; second < 29; second++) {
            script.tell(new Event.HostHeard("h")).pass(1_000);
        }
        assertThat(script.all(DropSession.class)).isEmpty();
        script.pass(1_000);
        assertThat(script.last(DropSession.class)).containsExactly(new DropSession("h", "session-1"));
        assertThat(script.scheduler.hosts().get(0).held()).isZero();
        script.attachHolding("other");
        assertThat(script.last(DropSession.class)).as("it comes too late").hasSize(1);
    }

    @Test
    void theProcessesOfASessionAreItsSlotsAgain() {
        script.attachHolding("h")
                .resume(1, "h")
                .pending(1, pending(1), pending(2))
                .submit(1, 1, 2);
        assertThat(script.session(1).held()).isEqualTo(2);
        assertThat(script.last(Run.class)).hasSize(2);
    }

    @Test
    void adoptedTasksCountInNoCreditAndWhatIsSentAgainCountsOnce() {
        Script small = new Script(SchedulerSettings.defaults().withCredit(1, 100));
        small.attachHolding("h", running(1, 40), running(2, 41))
                .resume(1, "h")
                .pending(1, pending(1), pending(2), pending(3));
        small.submit(1, 3, 3);
        assertThat(small.all(Decision.RefuseSubmission.class)).isEmpty();
        Adopt adopt = small.all(Adopt.class).get(0);
        small.finish(new Run("h", 1, adopt.attempt(), 1, Script.task(1)));
        assertThat(small.scheduler.creditTasks(1)).isEqualTo(1);
        small.submit(1, 4, 4);
        assertThat(small.last(Decision.RefuseSubmission.class)).hasSize(1);
    }

    @Test
    void onNewStreamsInTheSameEpochOnlyWhatWasLostOnItsWayIsWanted() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 2).tell(new Event.SessionStreams(1, false));
        script.pending(1, pending(1), pending(2), pending(3));
        assertThat(script.last(WantTasks.class)).containsExactly(new WantTasks(1, List.of(interval(3, 3))));
        script.submit(1, 3, 3).tell(new Event.SessionStreams(1, false));
        script.pending(1, pending(1), pending(2), pending(3));
        assertThat(script.last(WantTasks.class)).isEmpty();
    }

    @Test
    void whatIsWantedAndNotNamedAgainIsOnItsWayAlready() {
        script.attach("h", 1).open(1, 0);
        script.pending(1, pending(1), pending(2));
        assertThat(script.last(WantTasks.class)).containsExactly(new WantTasks(1, List.of(interval(1, 2))));
        script.tell(new Event.SessionStreams(1, false));
        script.pending(1, pending(2));
        assertThat(script.last(WantTasks.class)).containsExactly(new WantTasks(1, List.of(interval(2, 2))));
    }

    @Test
    void aCompletionsStreamThatBreaksAloneHasTheSubmitStreamRenewedIfSomethingWasWanted() {
        script.attach("h", 1).open(1, 0).pending(1, pending(1));
        script.tell(new Event.SessionStreams(1, false, true, false), new Event.SessionStreams(1, true));
        assertThat(script.last(Decision.RenewSubmission.class)).hasSize(1);
        script.tell(new Event.SessionStreams(1, false, false, false)).pending(1, pending(1));
        assertThat(script.last(Decision.RenewSubmission.class)).isEmpty();
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.submit(1, 1, 1);
        script.tell(new Event.SessionStreams(1, false, true, false), new Event.SessionStreams(1, true));
        assertThat(script.last(Decision.RenewSubmission.class)).isEmpty();
    }

    @Test
    void whatIsAcknowledgedAheadOfWhatIsPendingIsNotTakenForLost() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        script.finish(script.last(Run.class).get(0)).tell(new Event.SessionStreams(1, false));
        script.tell(new Event.SessionStreams(1, true), new Event.CompletionsWanted(1, 1));
        assertThat(script.last(Complete.class)).isEmpty();
        script.tell(new Event.PendingTold(1, List.of(interval(1, 1)), List.of()));
        assertThat(script.last(WantTasks.class)).isEmpty();
        assertThat(script.last(Decision.Acknowledge.class)).hasSize(1);
        assertThat(script.scheduler.isAtRest()).isTrue();
    }

    @Test
    void whatIsOnItsWayIsNotWantedTwice() {
        script.resume(1, "late").pending(1, pending(1)).pass(10_000);
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.attachHolding("late", held(1, 40).build());
        Adopt adopt = script.last(Adopt.class).get(0);
        script.tell(new Event.AttemptsReturned("late", List.of(adopt.attempt())));
        assertThat(script.last(WantTasks.class)).isEmpty();
        script.submit(1, 1, 1);
        assertThat(script.last(Run.class)).hasSize(1);
    }

    @Test
    void whatIsWantedAndWasAdoptedMeanwhileIsWantedAgainOnNewStreams() {
        script.resume(1, "late").pending(1, pending(1)).pass(10_000);
        script.attachHolding("late", held(1, 40).build());
        Adopt adopt = script.last(Adopt.class).get(0);
        script.tell(new Event.SessionStreams(1, false)).pending(1, pending(1));
        assertThat(script.last(WantTasks.class)).as("it is at the host").isEmpty();
        script.tell(new Event.AttemptsReturned("late", List.of(adopt.attempt())));
        assertThat(script.last(WantTasks.class)).hasSize(1);
    }

    @Test
    void aTaskThatEndsBeforeItsBytesComeCountsInNoCredit() {
        Cancel cancel = Cancel.newBuilder().setSequence(1).build();
        Script small = new Script(SchedulerSettings.defaults().withCredit(1, 100));
        small.attach("h", 1).open(1, 0).pending(1, pending(1)).tell(new Event.CancelsRequested(1, List.of(cancel)));
        assertThat(small.last(Complete.class)).extracting(Complete::uncounted).containsExactly(true);
        small.submit(1, 1, 1);
        assertThat(small.scheduler.creditTasks(1)).as("it came too late").isEqualTo(1);
        small.submit(1, 2, 2);
        assertThat(small.all(Decision.RefuseSubmission.class)).isEmpty();
        small.finish(small.last(Run.class).get(0));
        assertThat(small.last(Complete.class)).extracting(Complete::uncounted).containsExactly(false);
        assertThat(small.scheduler.creditTasks(1)).isEqualTo(2);
    }

    @Test
    void aHostThatDrainsKeepsNoSlotForWhatIsAdopted() {
        script.attachHolding("h", running(1, 40)).tell(new Event.HostDraining("h"));
        script.resume(1, "h").pending(1, pending(1));
        assertThat(script.last(Adopt.class)).hasSize(1);
        assertThat(script.last(Decision.SetQuota.class)).isNotEmpty().allSatisfy(quota -> assertThat(quota.processes())
                .isZero());
    }

    @Test
    void whatIsAdoptedBeyondTheCapIsRecalledSoThatItStartsElsewhere() {
        script.tell(new Event.HostAttached(
                "a",
                1,
                2,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(running(1, 40))));
        script.tell(new Event.HostAttached(
                "b",
                1,
                2,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(held(2, 41).build())));
        script.tell(new Event.SessionOpened(1, "session-1", 1, false, true, List.of("a", "b")));
        script.pending(1, pending(1), pending(2));
        Adopt prefetched = script.last(Adopt.class).get(1);
        assertThat(prefetched.host()).isEqualTo("b");
        assertThat(script.last(Decision.SetQuota.class))
                .extracting(Decision.SetQuota::host, Decision.SetQuota::processes)
                .contains(tuple("b", 0));
        assertThat(script.last(Decision.Recall.class)).containsExactly(new Decision.Recall("b", prefetched.attempt()));
    }

    @Test
    void aRecallThatMayNotHaveArrivedIsSaidAgainIfTheHostHasNoSlotLeft() {
        script.attach("a", 1).open(1, 0).submit(1, 1, 2);
        List<Run> runs = script.last(Run.class);
        script.tell(Script.started(runs.get(0)));
        script.open(2, 0).submit(2, 1, 1).pass(1_000);
        assertThat(script.last(Decision.Recall.class)).isNotEmpty();
        AttemptHeld[] held = runs.stream()
                .map(run -> held(run.task().getSequence(), run.attempt())
                        .setEpoch(Script.EPOCH)
                        .build())
                .toArray(AttemptHeld[]::new);
        script.tell(new Event.HostDetached("a")).attach("a", 1, held);
        assertThat(script.last(Decision.Recall.class)).isNotEmpty();
    }

    @Test
    void slotsThatWereGivenToOthersAreNotReservedForASessionThatEndedMeanwhile() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).tell(new Event.SessionEnded(1, false));
        script.open(2, 0).submit(2, 1, 1).tell(new Event.HostHeard("h")).pass(5_000);
        assertThat(script.last(Run.class)).hasSize(1);
        script.tell(new Event.HostDetached("h"))
                .tell(new Event.HostAttached(
                        "h",
                        1,
                        1,
                        List.of(SessionHeld.newBuilder()
                                .setSessionId("session-1")
                                .setProcesses(1)
                                .build()),
                        List.of()));
        assertThat(script.scheduler.hosts().get(0).held()).isEqualTo(1);
    }

    @Test
    void aSessionThatAHostHadNothingOfProvesNothingWhenTheHostAttachesAgain() {
        script.attach("h", 1)
                .resume(1, "h", "never")
                .pending(1, granted(1, "h"))
                .submit(1, 2, 2);
        assertThat(script.last(Run.class)).hasSize(1);
        Run run = script.last(Run.class).get(0);
        script.tell(new Event.HostDetached("h"));
        script.tell(new Event.HostAttached(
                "h",
                1,
                1,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(held(2, run.attempt()).setEpoch(Script.EPOCH).build())));
        script.pass(9_000).tell(new Event.HostHeard("h")).pass(1_000);
        assertThat(script.last(Complete.class)).extracting(this::cause).containsExactly(Loss.Cause.UNACCOUNTED);
        assertThat(script.all(WantTasks.class)).isEmpty();
    }

    @Test
    void whatIsWantedIsToldOnlyOnceTheClientHasSaidWhatIsPending() {
        script.resume(1, "never").pending(1, pending(1)).tell(new Event.SessionStreams(1, false));
        script.pass(10_000);
        script.tell(new Event.SessionStreams(1, true), new Event.CompletionsWanted(1, 0));
        assertThat(script.all(WantTasks.class)).isEmpty();
        script.tell(new Event.PendingTold(1, List.of(interval(1, 1)), List.of()));
        assertThat(script.last(WantTasks.class)).hasSize(1);
    }

    @Test
    void theClientIsToldWhereSomethingOfItMayBe() {
        script.resume(1, "a", "b").pending(1, pending(1));
        assertThat(script.last(TellHosts.class)).containsExactly(new TellHosts(1, List.of("a", "b")));
        script.attachHolding("b", running(1, 40));
        assertThat(script.last(TellHosts.class)).containsExactly(new TellHosts(1, List.of("a", "b")));
        script.pass(9_000).tell(new Event.HostHeard("b")).pass(1_000);
        assertThat(script.last(TellHosts.class)).containsExactly(new TellHosts(1, List.of("b")));
        script.tell(new Event.SessionStreams(1, true), new Event.CompletionsWanted(1, 0));
        assertThat(script.last(TellHosts.class))
                .as("said again on a new stream")
                .hasSize(1);
    }

    @Test
    void timeInWhichTheCoordinatorStoodStillLengthensTheWindow() {
        script.resume(1, "never").pending(1, pending(1));
        script.nowMillis += 60_000;
        script.tell(new Event.ClockJumped(60_000), new Event.TimePassed());
        assertThat(script.all(WantTasks.class)).isEmpty();
        script.pass(10_000);
        assertThat(script.last(WantTasks.class)).hasSize(1);
    }
}
