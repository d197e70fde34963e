package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Run;
import org.junit.jupiter.api.Test;

/** Tasks that are cancelled, recalled, or run too long. */
class HostStopsTest extends HostStage {
    @Test
    void aWaitingTaskThatIsCancelledEndsAtOnce() {
        ready(1, 1);
        run(1, 1, 2);
        cancel(2, false);
        assertThat(outcome(2).hasCancelled()).isTrue();
        ended(1, 1, MILLISECOND);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void aTaskThatIsCancelledBeforeItStartsComesBackFromItsProcess() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101);
        cancel(101, false);
        assertThat(withdrawn(1)).containsExactly(3L);
        handBack(1, 3);
        assertThat(outcome(101).hasCancelled()).isTrue();
        assertThat(interrupted(1)).isEmpty();
    }

    @Test
    void aRunningTaskIsLeftAloneUnlessTheCancelSaysOtherwise() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        cancel(1, false);
        assertThat(interrupted(1)).isEmpty();
        cancel(1, true);
        assertThat(interrupted(1)).containsExactly(1L);
        pass(1_999);
        assertThat(killed()).isEmpty();
        pass(2);
        assertThat(killed()).containsExactly(1L);
        exit(1, 1, 137);
        assertThat(outcome(1).hasCancelled()).isTrue();
        assertThat(outcome(1).getPlace().getPid()).isEqualTo(1_001);
    }

    @Test
    void aCancelledTaskThatEndsInTimeSparesItsProcess() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        cancel(1, true);
        ended(1, 1, 5 * MILLISECOND);
        assertThat(outcome(1).hasCancelled()).isTrue();
        pass(5_000);
        assertThat(killed()).isEmpty();
    }

    @Test
    void theGraceOfATaskThatHasNotStartedBeginsWhenItDoes() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101);
        markerAt(1, 2);
        cancel(101, true);
        pass(10_000);
        assertThat(killed()).as("another task runs there").isEmpty();
    }

    @Test
    void aTaskThatRunsTooLongIsInterruptedThenKilledAndTimedOut() {
        ready(1, 1);
        Run run = aRun(1, 1, 0);
        order(Order.newBuilder()
                .addRuns(run.toBuilder().setTask(run.getTask().toBuilder().setTimeoutMillis(500))));
        markerAt(1, 1);
        pass(499);
        assertThat(interrupted(1)).isEmpty();
        pass(1);
        assertThat(interrupted(1)).containsExactly(1L);
        pass(2_000);
        assertThat(killed()).containsExactly(1L);
        exit(1, 1, 137);
        assertThat(outcome(1).hasTimedOut()).isTrue();
    }

    @Test
    void aRecalledTaskThatWaitsIsHandedBackAndOneThatRunsIsNot() {
        ready(1, 1);
        run(1, 1, 2);
        markerAt(1, 1);
        order(Order.newBuilder().addRecalls(1).addRecalls(2).addRecalls(99));
        assertThat(returned()).containsExactly(2L);
        assertThat(withdrawn(1)).isEmpty();
    }

    @Test
    void aTaskIsReportedAsStartedOnlyWhenItRunsLongerThan20Milliseconds() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        assertThat(started()).isEmpty();
        pass(19);
        assertThat(started()).isEmpty();
        pass(2);
        assertThat(started()).containsExactly(1L);
        pass(100);
        assertThat(started()).isEmpty();
    }
}
