package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a host tells its coordinator, keeps for it, and does without it. */
class HostReportsTest extends HostStage {
    @Test
    void outcomesAreHeldUntilAcknowledged() {
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        ended(1, 2, MILLISECOND);
        order(Order.newBuilder().addAcknowledged(1));
        List<Report> state = core.attaching();
        assertThat(state.get(state.size() - 1).getStateComplete()).isTrue();
        assertThat(state.stream().flatMap(page -> page.getAttemptsList().stream()))
                .extracting(AttemptHeld::getAttempt)
                .containsExactly(2L);
    }

    @Test
    void aSessionWithTooMuchHeldStartsNothingMoreUntilItIsAcknowledged() {
        limits(new HostLimits(1, 61, 2_000, 60_000, 60_000, 20, 4L << 30, 0, 600_000));
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        sentTo(1);
        assertThat(sentTo(1)).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(sentTo(1)).containsExactly(2L);
    }

    @Test
    void theSameOrderTwiceIsOneOrder() {
        ready(1, 1);
        run(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).hasSize(1);
        run(1, 1);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void whatEndsBeforeTheWelcomeIsToldAfterIt() {
        ready(1, 1);
        run(1, 1);
        core.detached();
        core.attaching();
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).isEmpty();
        welcome(7);
        assertThat(outcomes()).hasSize(1);
    }

    @Test
    void pastItsLeaseAHostStartsNothingNew() {
        ready(1, 1);
        core.detached();
        pass(9_000);
        run(1, 1);
        assertThat(sentTo(1)).containsExactly(1L);
        ended(1, 1, MILLISECOND);
        pass(1_001);
        run(1, 2);
        assertThat(sentTo(1)).isEmpty();
        core.attaching();
        welcome(7);
        assertThat(sentTo(1)).containsExactly(2L);
    }

    @Test
    void withoutACoordinatorForTooLongEverythingEnds() {
        ready(1, 1);
        core.detached();
        pass(10_001);
        pass(590_000);
        assertThat(stopped()).containsExactly(1L);
    }

    @Test
    void triesToAttachThatNobodyAnswersDoNotRenewTheLease() {
        ready(1, 1);
        run(1, 1, 2);
        core.detached();
        for (int i = 0; i < 300; i++) {
            core.attaching();
            pass(1_000);
            core.detached();
            pass(1_000);
            if (i == 6) {
                sentTo(1);
                ended(1, 1, MILLISECOND);
            }
        }
        assertThat(sentTo(1)).as("past the lease nothing is started").isEmpty();
        assertThat(stopped()).as("past the loss time-out everything ends").containsExactly(1L);
    }

    @Test
    void theLoadIsToldWithEveryHeartbeat() {
        ready(1, 1);
        run(1, 1, 2);
        tells();
        pass(2_000);
        List<Report> loads = tells().stream().filter(Report::hasLoad).toList();
        assertThat(loads).hasSize(1);
        assertThat(loads.get(0).getLoad().getProcesses()).isEqualTo(1);
        assertThat(loads.get(0).getLoad().getRunning()).isEqualTo(1);
        assertThat(loads.get(0).getLoad().getPrefetched()).isEqualTo(1);
    }

    @Test
    void manyLargeOutcomesAreSplitIntoSeveralReports() {
        ready(1, 1);
        core.detached();
        core.attaching();
        for (int i = 1; i <= 5; i++) {
            run(1, i);
            say(
                    1,
                    FromProcess.newBuilder()
                            .addOutcomes(ProcessOutcome.newBuilder()
                                    .setOrdinal(i)
                                    .setResult(
                                            Payload.newBuilder().setInline(ByteString.copyFrom(new byte[600_000])))));
        }
        tells();
        welcome(7);
        assertThat(tells().stream().filter(report -> report.getOutcomesCount() > 0))
                .hasSizeGreaterThanOrEqualTo(3);
    }
}
