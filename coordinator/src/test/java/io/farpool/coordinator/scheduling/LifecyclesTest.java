package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.BreakSession;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.EndSession;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SessionProblem;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lives of sessions and hosts: credit, leases, closing, breaking. */
class LifecyclesTest {
    private final Script script = new Script();

    private static SessionProblem notReady() {
        return SessionProblem.newBuilder()
                .setSession(1)
                .setProcessNotReady(
                        Loss.newBuilder().setMessage("it exited with 1").addLastStderrLines("no such class"))
                .build();
    }

    private void fail(String host) {
        List<Long> assigned = script.last(Run.class).stream().map(Run::attempt).toList();
        script.tell(new Event.ProblemReported(host, notReady()), new Event.AttemptsReturned(host, assigned));
        script.tell(new Event.QuotasConfirmed(
                host, List.of(QuotaConfirmed.newBuilder().setSession(1).build())));
    }

    @Test
    void submittingBeyondTheCreditIsRefusedAndCompletionsRaiseIt() {
        Script small = new Script(SchedulerSettings.defaults().withCredit(2, 100));
        small.attach("h", 1).open(1, 0).submit(1, 1, 3);
        assertThat(small.last(Decision.RefuseSubmission.class).get(0).message()).contains("2 tasks");
        small.finish(small.last(Run.class).get(0));
        assertThat(small.last(Decision.GrantCredit.class)).containsExactly(new Decision.GrantCredit(1, 3, 104));
        small.submit(1, 3, 3);
        assertThat(small.last(Decision.RefuseSubmission.class)).isEmpty();
    }

    @Test
    void oneTaskMayGoBeyondTheBytesWhenNothingElseIsOutstanding() {
        Script small = new Script(SchedulerSettings.defaults().withCredit(10, 3));
        small.open(1, 0).submit(1, 1, 1);
        assertThat(small.last(Decision.RefuseSubmission.class)).isEmpty();
        small.submit(1, 2, 2);
        assertThat(small.last(Decision.RefuseSubmission.class)).hasSize(1);
    }

    @Test
    void aSequenceNumberThatIsKnownIsIgnored() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        script.finish(script.last(Run.class).get(0)).submit(1, 1, 1);
        assertThat(script.last(Run.class)).isEmpty();
    }

    @Test
    void aNewCompletionsStreamIsToldEverythingUnacknowledgedAgain() {
        script.attach("h", 4).open(1, 0).submit(1, 1, 3);
        script.all(Run.class).forEach(script::finish);
        script.tell(new Event.CompletionsWanted(1, 1));
        assertThat(script.last(Complete.class)).extracting(Complete::number).containsExactly(2L, 3L);
    }

    @Test
    void aClosedSessionEndsOnceEverythingIsDoneAndAcknowledged() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = script.last(Run.class).get(0);
        script.tell(new Event.SessionClosing(1)).finish(run);
        assertThat(script.all(EndSession.class)).isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Decision.CloseSession.class)).hasSize(1);
        assertThat(script.all(EndSession.class)).isEmpty();
        script.confirm(script.last(Decision.SetQuota.class).get(0));
        assertThat(script.last(EndSession.class)).containsExactly(new EndSession(1, false));
    }

    @Test
    void theStreamsOfAClosedSessionWaitForItsProcessesSoLongAndNoLonger() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).tell(new Event.SessionEnded(1, true));
        assertThat(script.scheduler.isOpen(1)).isFalse();
        script.tell(new Event.HostHeard("h")).pass(4_999);
        assertThat(script.all(EndSession.class)).isEmpty();
        script.pass(1);
        assertThat(script.last(EndSession.class)).containsExactly(new EndSession(1, false));
    }

    @Test
    void theStreamsOfAClosedSessionDoNotWaitForALostHost() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).tell(new Event.SessionEnded(1, true));
        script.tell(new Event.HostLeft("h"));
        assertThat(script.last(EndSession.class)).containsExactly(new EndSession(1, false));
    }

    @Test
    void endingNowDropsTasksWithoutCompletions() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 5).tell(new Event.SessionEnded(1, true));
        assertThat(script.last(Complete.class)).isEmpty();
        assertThat(script.last(Decision.CloseSession.class)).containsExactly(new Decision.CloseSession("h", 1, true));
        assertThat(script.scheduler.sessions()).isEmpty();
    }

    @Test
    void aSessionWithBrokenStreamsExpiresAfterItsLease() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).tell(new Event.SessionStreams(1, false));
        for (int second = 0; second < 29; second++) {
            script.tell(new Event.HostHeard("h")).pass(1_000);
        }
        assertThat(script.all(EndSession.class)).isEmpty();
        script.pass(1_000);
        assertThat(script.last(EndSession.class)).containsExactly(new EndSession(1, true));
        assertThat(script.last(Decision.CloseSession.class)).hasSize(1);
    }

    @Test
    void aDeadClientsQueuedTasksAreGoneWithItsSession() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1_000).tell(new Event.SessionStreams(1, false));
        for (int second = 0; second < 30; second++) {
            script.tell(new Event.HostHeard("h")).pass(1_000);
        }
        assertThat(script.scheduler.sessions()).isEmpty();
        assertThat(script.last(Complete.class)).isEmpty();
        assertThat(script.scheduler.isAtRest())
                .as("once its host has confirmed")
                .isFalse();
        script.confirm(new Decision.SetQuota("h", 1, 0, 0));
        assertThat(script.scheduler.isAtRest()).isTrue();
        assertThat(script.scheduler.hosts().get(0).held()).isZero();
    }

    @Test
    void aHostIsLostAfterItsLeaseOrItsGraceAndNotBefore() {
        script.attach("silent", 1).attach("gone", 1).tell(new Event.HostDetached("gone"));
        script.pass(9_999);
        assertThat(script.scheduler.hosts()).hasSize(2);
        script.pass(1);
        assertThat(script.last(Decision.ReleaseHost.class))
                .extracting(Decision.ReleaseHost::reason)
                .containsExactly("nothing was heard from it for 10000 ms", "it did not come back within 10000 ms");
    }

    @Test
    void timeInWhichTheCoordinatorItselfStoodStillCountsAgainstNobody() {
        script.attach("h", 1).open(1, 0).tell(new Event.SessionStreams(1, false));
        script.nowMillis += 60_000;
        script.tell(new Event.ClockJumped(60_000), new Event.TimePassed());
        assertThat(script.scheduler.hosts()).hasSize(1);
        assertThat(script.scheduler.sessions()).hasSize(1);
    }

    @Test
    void aDrainingHostGetsNothingNewAndWhatItReturnsRunsElsewhere() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        Run run = script.last(Run.class).get(0);
        script.tell(new Event.HostDraining("h"), new Event.AttemptsReturned("h", List.of(run.attempt())));
        assertThat(script.last(Run.class)).isEmpty();
        script.attach("other", 1);
        assertThat(script.last(Run.class)).extracting(Run::host).containsExactly("other");
    }

    @Test
    void aDaemonStartedAnewHasLostWhatTheOldOneRan() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        script.tell(new Event.HostAttached("h", 2, 1, List.of(), List.of()));
        Run again = script.last(Run.class).get(0);
        assertThat(again.startNumber()).isEqualTo(2);
        assertThat(script.last.indexOf(again))
                .isGreaterThan(
                        script.last.indexOf(script.last(Decision.Welcome.class).get(0)));
    }

    @Test
    void anInitializerThatThrewBreaksTheSession() {
        Failure failure = Failure.newBuilder()
                .setClassName("java.lang.IllegalStateException")
                .build();
        script.attach("h", 1).open(1, 0).submit(1, 1, 2);
        script.tell(new Event.ProblemReported(
                "h",
                SessionProblem.newBuilder()
                        .setSession(1)
                        .setInitializerThrew(failure)
                        .build()));
        assertThat(script.last(BreakSession.class).get(0).failure()).isEqualTo(failure);
        assertThat(script.last(Decision.CloseSession.class)).hasSize(1);
        script.submit(1, 3, 3);
        assertThat(script.last).isEmpty();
        script.tell(new Event.CompletionsWanted(1, 0));
        assertThat(script.last(BreakSession.class))
                .as("said again on a new stream")
                .hasSize(1);
    }

    @Test
    void aHostWhereNoProcessStartsIsLeftOutAndTriedAgainWithBackoff() {
        script.attach("bad", 1).open(1, 0).submit(1, 1, 1);
        fail("bad");
        script.pass(999);
        assertThat(script.last(Run.class)).isEmpty();
        script.pass(1);
        assertThat(script.last(Run.class)).hasSize(1);
        fail("bad");
        script.pass(1_999);
        assertThat(script.last(Run.class)).isEmpty();
        script.pass(1);
        assertThat(script.last(Run.class)).hasSize(1);
    }

    @Test
    void aSessionThatStartsNoProcessAnywhereBreaksAfterThreeTries() {
        script.attach("bad", 1).open(1, 0).submit(1, 1, 1);
        fail("bad");
        script.pass(1_000);
        fail("bad");
        script.pass(2_000);
        assertThat(script.all(BreakSession.class)).isEmpty();
        fail("bad");
        assertThat(script.all(BreakSession.class)).hasSize(1);
        assertThat(script.all(BreakSession.class).get(0).message())
                .contains("bad")
                .contains("it exited with 1")
                .contains("no such class");
    }

    @Test
    void aSessionDoesNotBreakWhileThereIsAHostThatWasNotTried() {
        script.attach("bad", 1).open(1, 1).submit(1, 1, 1);
        Run first = script.last(Run.class).get(0);
        fail("bad");
        script.attach("good", 1);
        assertThat(script.last(Run.class)).extracting(Run::host).containsExactly("good");
        assertThat(script.last(Run.class).get(0).attempt()).isGreaterThan(first.attempt());
        assertThat(script.all(BreakSession.class)).isEmpty();
    }

    @Test
    void aSessionDoesNotBreakWhileAHostThatWasNotTriedIsAwayForAMoment() {
        script.attach("bad", 1).open(1, 1).submit(1, 1, 1).attach("away", 1);
        script.tell(new Event.HostDetached("away"));
        fail("bad");
        script.pass(1_000);
        fail("bad");
        script.pass(2_000);
        fail("bad");
        assertThat(script.all(BreakSession.class)).isEmpty();
        script.tell(new Event.HostHeard("bad")).pass(7_000);
        assertThat(script.last(Decision.ReleaseHost.class))
                .extracting(Decision.ReleaseHost::host)
                .containsExactly("away");
        fail("bad");
        assertThat(script.all(BreakSession.class)).hasSize(1);
    }
}
