package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Run;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A host that was stopped for a while, and its processes were not,")
class HostStoppedTest extends HostStage {

    @Test
    void givesACancelledTaskTheWholeGrace() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        cancel(1, true);
        pass(1_000);
        stop(60_000);
        pass(999);
        assertThat(killed()).isEmpty();
        pass(1);
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void givesAProcessThatStartsTheWholeTimeToConnect() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        pass(59_000);
        stop(100_000);
        pass(999);
        assertThat(killed()).isEmpty();
        pass(1);
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void keepsIdleProcessesForAsLongAsItWatchesThem() {
        ready(1, 1);
        pass(59_000);
        stop(100_000);
        pass(999);
        assertThat(stopped()).isEmpty();
        pass(1);
        assertThat(stopped()).containsExactly(1L);
    }

    @Test
    void isNotFencedByTheTimeItWasStopped() {
        ready(1, 1);
        core.detached();
        pass(9_000);
        stop(100_000);
        pass(999);
        run(1, 1);
        assertThat(sentTo(1)).hasSize(1);
    }

    @Test
    void doesNotEndItsSessionsForTheTimeItWasStopped() {
        ready(1, 1);
        run(1, 1);
        core.detached();
        pass(599_000);
        stop(700_000);
        pass(999);
        assertThat(interrupted(1)).isEmpty();
        pass(1);
        assertThat(interrupted(1)).isNotEmpty();
    }

    @Test
    void tellsItsLoadAtOnce() {
        ready(1, 1);
        tells();
        stop(60_000);
        assertThat(tells()).anyMatch(report -> report.hasLoad());
    }

    @Test
    void hearsFirstWhatATaskHasSaidWhoseTimeIsUp() {
        ready(1, 1);
        order(Order.newBuilder().addRuns(timed(1, 5_000)));
        markerAt(1, 1);
        stop(60_000);
        ended(1, 1, 20 * MILLISECOND);
        assertThat(outcome(1).hasResult()).isTrue();
    }

    @Test
    void timesOutATaskThatHasRunOnForTooLongAllTheSame() {
        ready(1, 1);
        order(Order.newBuilder().addRuns(timed(1, 5_000)));
        markerAt(1, 1);
        stop(60_000);
        assertThat(interrupted(1)).isEmpty();
        pass(2_000);
        assertThat(interrupted(1)).containsExactly(1L);
        ended(1, 1, 62_000 * MILLISECOND);
        assertThat(outcome(1).hasTimedOut()).isTrue();
    }

    private static Run timed(long attempt, long timeoutMillis) {
        Run run = aRun(1, attempt, 0);
        return run.toBuilder()
                .setTask(run.getTask().toBuilder().setTimeoutMillis(timeoutMillis))
                .build();
    }

    private void stop(long millis) {
        nowMillis += millis;
        core.timeIs(nowMillis);
        core.wasStopped(millis);
        core.timePassed();
        settle();
    }
}
