package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessProgress;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionHeld;
import io.farpool.proto.v1.SessionOpened;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The first coordinator of every test has epoch 7; those after it 8 and 9. */
@DisplayName("When another coordinator welcomes a host,")
class HostEpochsTest extends HostStage {

    @Test
    void whatRunsAndWhatWaitsGoesOnAndNobodyIsToldOfItsOutcome() {
        ready(1, 1);
        run(1, 1, 2);
        another(8);
        assertThat(interrupted(1)).isEmpty();
        assertThat(stopped()).isEmpty();
        ended(1, 1, MILLISECOND);
        assertThat(sentTo(1)).as("the second one starts").hasSize(2);
        assertThat(outcomes()).isEmpty();
        assertThat(returned()).isEmpty();
    }

    @Test
    void theStatePagesNameEachAttemptByTheEpochThatAssignedIt() {
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        another(8);
        order(Order.newBuilder().addSessionsOpened(opened(5, "other")).addQuotas(quota(5, 1)));
        run(5, 1);
        core.detached();
        List<AttemptHeld> held = pages();
        assertThat(held).hasSize(3);
        assertThat(held.get(0).getEpoch()).isEqualTo(7);
        assertThat(held.get(0).getAttempt()).isEqualTo(1);
        assertThat(held.get(0).getOutcome().getOutcome().hasResult()).isTrue();
        assertThat(held.get(1).getEpoch()).isEqualTo(7);
        assertThat(held.get(1).getSessionId()).isEqualTo("s1");
        assertThat(held.get(2).getEpoch()).isEqualTo(8);
        assertThat(held.get(2).getSessionId()).isEqualTo("other");
    }

    @Test
    void anAdoptedAttemptThatRunsIsReportedUnderItsNewNumber() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        pass(21);
        assertThat(started()).containsExactly(1L);
        another(8);
        reopen(4, "s1");
        adopt(7, 1, 900);
        markerAt(1, 1);
        assertThat(started()).containsExactly(900L);
        ended(1, 1, 20 * MILLISECOND);
        assertThat(outcomes()).extracting(AttemptOutcome::getAttempt).containsExactly(900L);
        order(Order.newBuilder().addAcknowledged(900));
        assertThat(pages()).isEmpty();
    }

    @Test
    void anOutcomeHeldIsReportedWhenItIsAdoptedAndAgainUntilItIsAcknowledged() {
        ready(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        outcomes();
        another(8);
        reopen(4, "s1");
        adopt(7, 1, 900);
        assertThat(outcomes()).extracting(AttemptOutcome::getAttempt).containsExactly(900L);
        core.detached();
        assertThat(pages()).singleElement().satisfies(held -> {
            assertThat(held.getEpoch()).isEqualTo(8);
            assertThat(held.getAttempt()).isEqualTo(900);
            assertThat(held.getOutcome().getAttempt()).isEqualTo(900);
        });
    }

    @Test
    void theSameAdoptionTwiceIsOneAdoption() {
        ready(1, 1);
        run(1, 1);
        another(8);
        reopen(4, "s1");
        adopt(7, 1, 900);
        adopt(7, 1, 900);
        assertThat(outcomes()).isEmpty();
        assertThat(returned()).isEmpty();
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).hasSize(1);
    }

    @Test
    void anAdoptedAttemptThatWaitsCanBeRecalled() {
        ready(1, 1);
        run(1, 1, 2);
        another(8);
        reopen(4, "s1");
        adopt(7, 2, 900);
        order(Order.newBuilder().addRecalls(900));
        assertThat(returned()).containsExactly(900L);
    }

    @Test
    void aSessionGoesOnUnderItsNewNumberWithItsProcessesAndItsOldQuotaUntilThereIsANewOne() {
        ready(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        another(8);
        confirmed();
        reopen(4, "s1");
        assertThat(confirmed()).as("no quota of this coordinator is confirmed").isEmpty();
        run(4, 1);
        assertThat(launched()).isEmpty();
        assertThat(sentTo(1)).hasSize(2);
        order(Order.newBuilder().addQuotas(quota(4, 1).setRevision(1)));
        assertThat(confirmed()).containsExactly(1);
    }

    @Test
    void itsNumbersMayStandForOtherSessionsAndAttempts() {
        ready(1, 1);
        run(1, 1);
        another(8);
        order(Order.newBuilder().addSessionsOpened(opened(1, "other")).addQuotas(quota(1, 1)));
        run(1, 1);
        core.classPathResolved("other", List.of("/b.jar"));
        settle();
        assertThat(launched()).containsExactly(2L);
        becomeReady(2);
        ended(2, 1, MILLISECOND);
        assertThat(outcomes()).hasSize(1);
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(pages()).singleElement().satisfies(held -> {
            assertThat(held.getEpoch()).isEqualTo(7);
            assertThat(held.getSessionId()).isEqualTo("s1");
        });
    }

    @Test
    void whatAHeldSessionSaysIsNotToldAsAnothersBusiness() {
        ready(1, 2);
        run(1, 1, 2);
        another(8);
        order(Order.newBuilder().addSessionsOpened(opened(1, "other")).addQuotas(quota(1, 1)));
        tells();
        long second = 2;
        exit(second, 0, 1);
        say(1, FromProcess.newBuilder().setProgress(ProcessProgress.newBuilder().setOrdinal(1)));
        assertThat(core.takesLines(1)).as("its lines wait").isFalse();
        core.wrote(1, List.of(LogLine.newBuilder().setText("words").build()));
        settle();
        assertThat(tells()).filteredOn(report -> !report.hasLoad()).isEmpty();
        reopen(4, "s1");
        assertThat(core.takesLines(1)).isTrue();
    }

    @Test
    void aDroppedAttemptThatWaitsIsForgottenAndProvesNothingWrong() {
        ready(1, 1);
        run(1, 1, 2);
        another(8);
        drop(7, 2);
        assertThat(pages()).hasSize(1);
        assertThat(sessionPages()).singleElement().satisfies(held -> assertThat(held.getDroppedStarted())
                .isFalse());
    }

    @Test
    void aDroppedAttemptThatRunsIsStoppedAndItIsSaidThatOneWas() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        another(8);
        drop(7, 1);
        assertThat(interrupted(1)).containsExactly(1L);
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).isEmpty();
        assertThat(pages()).isEmpty();
        assertThat(sessionPages()).singleElement().satisfies(held -> assertThat(held.getDroppedStarted())
                .isTrue());
        reopen(4, "s1");
        assertThat(sessionPages()).singleElement().satisfies(held -> assertThat(held.getDroppedStarted())
                .isTrue());
    }

    @Test
    void aSettledAttemptThatRanIsForgottenAndProvesNothingWrong() {
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        another(8);
        order(Order.newBuilder().addSettled(name(7, 1)));
        assertThat(pages()).extracting(AttemptHeld::getAttempt).containsExactly(2L);
        assertThat(sessionPages()).singleElement().satisfies(held -> assertThat(held.getDroppedStarted())
                .isFalse());
    }

    @Test
    void anOwnAttemptThatRanAndIsDroppedIsRememberedToo() {
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        drop(7, 1);
        assertThat(sessionPages()).singleElement().satisfies(held -> assertThat(held.getDroppedStarted())
                .isTrue());
    }

    @Test
    void aSessionThatEndedWithAnAttemptThatRanAndIsOpenedAgainSaysSo() {
        ready(1, 1);
        run(1, 1);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        exit(1, 1, 0);
        order(Order.newBuilder().addSessionsOpened(opened(2, "s1")).addSessionsOpened(opened(3, "other")));
        assertThat(sessionPages())
                .extracting(SessionHeld::getSessionId, SessionHeld::getDroppedStarted)
                .containsExactly(tuple("s1", true), tuple("other", false));
    }

    @Test
    void aHeldSessionEndsWhenItIsOpenedAndClosed() {
        ready(1, 1);
        run(1, 1, 2);
        another(8);
        order(Order.newBuilder()
                .addSessionsOpened(SessionOpened.newBuilder().setSession(9).setSessionId("s1"))
                .addSessionsClosed(SessionClosed.newBuilder().setSession(9)));
        assertThat(interrupted(1)).containsExactly(1L);
        assertThat(stopped()).containsExactly(1L);
        assertThat(pages()).isEmpty();
        welcome(8);
        confirmed();
        exit(1, 1, 0);
        assertThat(confirmed()).containsExactly(0);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).hasSize(1);
    }

    @Test
    void aSessionClosedAndOpenedAgainByOneOrderIsAnewOne() {
        ready(1, 1);
        run(1, 1);
        order(Order.newBuilder()
                .addSessionsOpened(opened(2, "s1"))
                .addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(stopped()).containsExactly(1L);
        assertThat(pages()).isEmpty();
        assertThat(sessionPages()).hasSize(1);
        run(2, 7);
        order(Order.newBuilder().addQuotas(quota(2, 1)));
        resolve(1);
        taken(HostDecision.ReleaseClassPath.class);
        exit(1, 1, 0);
        assertThat(taken(HostDecision.ReleaseClassPath.class))
                .as("the new one needs it")
                .isEmpty();
        assertThat(launched()).containsExactly(2L);
    }

    @Test
    void whatCameBackUnstartedWhileItWasHeldIsHandedBackToWhomAdoptsIt() {
        ready(1, 2);
        run(1, 1, 2);
        another(8);
        core.drain();
        settle();
        handBack(1, 2);
        assertThat(returned()).isEmpty();
        reopen(4, "s1");
        adopt(7, 2, 900);
        assertThat(returned()).containsExactly(900L);
    }

    @Test
    void whatCameBackBetweenTheStatePagesAndTheWelcomeIsHandedBackToo() {
        attach();
        open(1, 1);
        run(1, 1);
        core.detached();
        assertThat(pages()).hasSize(1);
        core.classPathFailed("s1", "no such blob");
        settle();
        welcome(8);
        reopen(4, "s1");
        assertThat(problems()).isEmpty();
        adopt(7, 1, 900);
        assertThat(returned()).containsExactly(900L);
    }

    @Test
    void anAdoptionOfWhatHasGoneForAllThatIsKnownIsALoss() {
        attach();
        adopt(7, 1, 900);
        assertThat(outcome(900).getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
    }

    @Test
    void aThirdCoordinatorAdoptsWhatTheFirstAndTheSecondAssigned() {
        ready(1, 2);
        run(1, 1);
        another(8);
        reopen(4, "s1");
        run(4, 1);
        another(9);
        assertThat(pages()).extracting(AttemptHeld::getEpoch).containsExactly(7L, 8L);
        welcome(9);
        reopen(2, "s1");
        adopt(7, 1, 100);
        adopt(8, 1, 101);
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).extracting(AttemptOutcome::getAttempt).containsExactly(100L);
        assertThat(pages())
                .extracting(AttemptHeld::getEpoch, AttemptHeld::getAttempt)
                .containsExactly(tuple(9L, 100L), tuple(9L, 101L));
    }

    @Test
    void aHeldSessionOfWhichNothingIsLeftEnds() {
        ready(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        another(8);
        drop(7, 1);
        pass(60_001);
        assertThat(stopped()).containsExactly(1L);
        exit(1, 1, 0);
        pass(2_000);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).hasSize(1);
        assertThat(sessionPages()).isEmpty();
    }

    @Test
    void aHeldSessionThatNobodyEverWantsEndsAsWithoutACoordinator() {
        ready(1, 1);
        run(1, 1);
        another(8);
        pass(599_000);
        assertThat(stopped()).isEmpty();
        pass(1_001);
        assertThat(interrupted(1)).containsExactly(1L);
        assertThat(stopped()).containsExactly(1L);
        assertThat(pages()).isEmpty();
    }

    @Test
    void anInitializerThatThrewWhileTheSessionWasHeldIsFoundAgain() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        hello(1);
        another(8);
        say(1, FromProcess.newBuilder().setPrepareFailed(Failure.getDefaultInstance()));
        assertThat(problems()).isEmpty();
        exit(1, 0, 0);
        launched();
        reopen(4, "s1");
        adopt(7, 1, 900);
        assertThat(returned()).containsExactly(900L);
        run(4, 901);
        assertThat(returned()).as("it is tried again").isEmpty();
        assertThat(launched()).containsExactly(2L);
    }

    @Test
    void aFencedHostMayStartAgainWhatWasAssignedBefore() {
        ready(1, 1);
        run(1, 1, 2);
        core.detached();
        pass(10_001);
        ended(1, 1, MILLISECOND);
        sentTo(1);
        core.attaching();
        welcome(8);
        assertThat(sentTo(1)).containsExactly(2L);
    }

    @Test
    void aDrainIsOverOnlyWhenWhatIsHeldHasBeenAdoptedAndAcknowledgedOrDropped() {
        ready(1, 1);
        run(1, 1);
        another(8);
        core.drain();
        settle();
        ended(1, 1, MILLISECOND);
        assertThat(taken(HostDecision.Drained.class)).isEmpty();
        reopen(4, "s1");
        adopt(7, 1, 900);
        assertThat(taken(HostDecision.Drained.class)).isEmpty();
        order(Order.newBuilder().addAcknowledged(900));
        assertThat(taken(HostDecision.Drained.class)).hasSize(1);
    }

    private void another(long epoch) {
        core.detached();
        core.attaching();
        welcome(epoch);
    }

    private void reopen(int session, String id) {
        order(Order.newBuilder().addSessionsOpened(opened(session, id)));
    }

    private void adopt(long epoch, long attempt, long as) {
        order(Order.newBuilder()
                .addAdopted(Adoption.newBuilder().setHeld(name(epoch, attempt)).setAttempt(as)));
    }

    private void drop(long epoch, long attempt) {
        order(Order.newBuilder().addDropped(name(epoch, attempt)));
    }

    private static AttemptName.Builder name(long epoch, long attempt) {
        return AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt);
    }

    private static SessionOpened.Builder opened(int session, String id) {
        return SessionOpened.newBuilder().setSession(session).setSessionId(id);
    }

    private List<AttemptHeld> pages() {
        return core.attaching().stream()
                .map(Report::getAttemptsList)
                .flatMap(List::stream)
                .toList();
    }

    private List<SessionHeld> sessionPages() {
        return core.attaching().stream()
                .map(Report::getSessionsList)
                .flatMap(List::stream)
                .toList();
    }
}
