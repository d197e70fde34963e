package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.interval;
import static io.farpool.coordinator.scheduling.Script.pending;
import static io.farpool.coordinator.scheduling.Script.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Adopt;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.coordinator.scheduling.Decision.WantTasks;
import io.farpool.proto.v1.Cancel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which tasks a client is asked to send again, on whatever new streams, and what these count for its credit. */
class WantedTasksTest {
    private final Script script = new Script();

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
    void whatIsWantedIsToldOnlyOnceTheClientHasSaidWhatIsPending() {
        script.resume(1, "never").pending(1, pending(1)).tell(new Event.SessionStreams(1, false));
        script.pass(10_000);
        script.tell(new Event.SessionStreams(1, true), new Event.CompletionsWanted(1, 0));
        assertThat(script.all(WantTasks.class)).isEmpty();
        script.tell(new Event.PendingTold(1, List.of(interval(1, 1)), List.of()));
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
}
