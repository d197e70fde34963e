package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.SessionClosed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a host confirms to its coordinator: quotas, and the ends of sessions. */
class HostQuotaTest extends HostStage {
    @Test
    void aQuotaIsConfirmedAtOnceWhenItIsKept() {
        attach();
        open(1, 2);
        assertThat(confirmed()).containsExactly(2);
    }

    @Test
    void aLowerQuotaIsConfirmedWhenTheProcessesBeyondItHaveExited() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        confirmed();
        order(Order.newBuilder().addQuotas(quota(1, 1)));
        assertThat(confirmed()).isEmpty();
        run(1, 3);
        ended(1, 1, MILLISECOND);
        ended(2, 1, MILLISECOND);
        List<Long> stopped = stopped();
        assertThat(stopped).hasSize(1);
        assertThat(confirmed()).isEmpty();
        exit(stopped.get(0), 1, 0);
        assertThat(confirmed()).containsExactly(1);
    }

    @Test
    void aQuotaOfNoneEndsIdleProcessesAtOnce() {
        ready(1, 1);
        confirmed();
        order(Order.newBuilder().addQuotas(quota(1, 0)));
        assertThat(stopped()).containsExactly(1L);
        exit(1, 0, 0);
        assertThat(confirmed()).containsExactly(0);
    }

    @Test
    void aConfirmationRepeatsTheRevisionOfTheQuotaItAnswers() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(opened(1))
                .addQuotas(quota(1, 2).setRevision(7)));
        assertThat(heard().stream().flatMap(report -> report.getQuotasConfirmedList().stream()))
                .extracting(QuotaConfirmed::getRevision)
                .containsExactly(7);
    }

    @Test
    void theEndOfAClosedSessionIsConfirmedWhenItsLastProcessHasExited() {
        ready(1, 1);
        confirmed();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(confirmed()).isEmpty();
        exit(1, 0, 0);
        assertThat(confirmed()).containsExactly(0);
    }

    @Test
    void theEndOfAClosedSessionWithoutProcessesIsConfirmedAtOnce() {
        attach();
        open(1, 2);
        confirmed();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(confirmed()).containsExactly(0);
    }

    @Test
    void aClosedSessionsProcessesAreAskedToStopAndItsCodeIsReleasedWithTheLast() {
        ready(1, 1);
        run(1, 1, 2);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(interrupted(1)).containsExactly(1L);
        assertThat(stopped()).containsExactly(1L);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).isEmpty();
        exit(1, 1, 0);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).hasSize(1);
        assertThat(outcomes()).isEmpty();
        assertThat(problems()).isEmpty();
    }

    @Test
    void aSessionClosedWithKillIsKilledAtOnce() {
        ready(1, 1);
        run(1, 1);
        order(Order.newBuilder()
                .addSessionsClosed(SessionClosed.newBuilder().setSession(1).setKill(true)));
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void aDrainIsOverWhenWhatRanHasEndedAndIsAcknowledged() {
        ready(1, 1);
        run(1, 1, 2);
        order(Order.newBuilder().setDrain(true));
        assertThat(returned()).containsExactly(2L);
        run(1, 3);
        assertThat(returned()).containsExactly(3L);
        ended(1, 1, MILLISECOND);
        assertThat(taken(HostDecision.Drained.class)).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(taken(HostDecision.Drained.class)).hasSize(1);
    }
}
