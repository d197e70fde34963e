package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.ended;
import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.interval;
import static io.farpool.coordinator.scheduling.Script.pending;
import static io.farpool.coordinator.scheduling.Script.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Adopt;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.DropAttempt;
import io.farpool.coordinator.scheduling.Decision.DropSession;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.coordinator.scheduling.Decision.TellHosts;
import io.farpool.coordinator.scheduling.Decision.WantTasks;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Cancel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A coordinator with an empty memory: what it adopts, drops and wants, and how long it waits for hosts. */
class RecoveryTest {
    private final Script script = new Script();

    private static AttemptName name(long attempt) {
        return AttemptName.newBuilder()
                .setEpoch(Script.EPOCH - 1)
                .setAttempt(attempt)
                .build();
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
