package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionOpened;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

/** A worker whose stream breaks, or whose coordinator is replaced: nothing that runs or has ended is lost. */
class ReattachIT extends WholeWorker {
    @Test
    void aBrokenStreamCostsNothing() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "sleep 700");
        started(1);
        coordinator.forgetReports();
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList()).extracting(AttemptHeld::getRunning).containsExactly(true);
        assertThat(coordinator.reports().get(0).getHello().getEpoch()).isEqualTo(7);
        assertThat(coordinator.result(1)).isEqualTo("slept");
    }

    @Test
    void aTaskRunsOnWhileItsCoordinatorIsReplacedAndTheNextOneAdoptsIt() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "sleep 700"))
                .addRuns(TestCoordinator.aRun(1, 2, "pid")));
        String pid = "" + started(1);
        coordinator.forgetReports();
        coordinator.epoch = 8;
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList())
                .extracting(AttemptHeld::getEpoch, AttemptHeld::getAttempt)
                .containsExactly(tuple(7L, 1L), tuple(7L, 2L));
        coordinator.await("load", Report::hasLoad);
        coordinator.order(Order.newBuilder()
                .addSessionsOpened(SessionOpened.newBuilder().setSession(5).setSessionId("session1"))
                .addAdopted(adoption(7, 1, 100))
                .addAdopted(adoption(7, 2, 101)));
        assertThat(coordinator.result(100)).isEqualTo("slept");
        assertThat(coordinator.result(101)).isEqualTo(pid);
    }

    private static Adoption adoption(long epoch, long attempt, long number) {
        return Adoption.newBuilder()
                .setHeld(AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt))
                .setAttempt(number)
                .build();
    }

    @Test
    void anOutcomeThatIsNotAcknowledgedIsToldAgainOnTheNextStream() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "echo kept");
        coordinator.run(1, 2, "echo forgotten");
        coordinator.result(1);
        coordinator.result(2);
        coordinator.order(Order.newBuilder().addAcknowledged(2));
        coordinator.forgetReports();
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList()).hasSize(1);
        assertThat(state.getAttempts(0)
                        .getOutcome()
                        .getOutcome()
                        .getResult()
                        .getInline()
                        .toStringUtf8())
                .isEqualTo("kept");
    }
}
