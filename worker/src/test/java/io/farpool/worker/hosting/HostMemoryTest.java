package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Loss;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostMemoryTest extends HostStage {
    private static final long LIMIT = 1 << 20;

    @Test
    void aProcessThatKeepsTooMuchAfterItsTaskIsReplaced() {
        limited();
        ready(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        assertThat(look(1, LIMIT + 1)).isFalse();
        assertThat(stopped()).isEmpty();
        assertThat(look(1, LIMIT + 1)).isTrue();
        assertThat(stopped()).containsExactly(1L);
        run(1, 2);
        exit(1, 1, 0);
        assertThat(launched()).containsExactly(2L);
    }

    @Test
    void whatATaskHoldsWhileItRunsIsItsOwnBusiness() {
        limited();
        ready(1, 1);
        run(1, 1);
        for (int i = 0; i < 10; i++) {
            assertThat(look(1, 100 * LIMIT)).isFalse();
        }
        ended(1, 1, MILLISECOND);
        assertThat(look(1, LIMIT)).isFalse();
        assertThat(look(1, LIMIT + 1)).isFalse();
        assertThat(look(1, LIMIT)).isFalse();
        assertThat(stopped()).isEmpty();
    }

    @Test
    void aBusyProcessIsReplacedBetweenTwoTasksAndWhatWaitsThereGoesToOthers() {
        limited();
        ready(1, 1);
        learn(1, 100_000);
        run(1, 1, 2, 3, 4);
        ended(1, 2, 100_000);
        assertThat(look(1, 2 * LIMIT)).isFalse();
        ended(1, 3, 100_000);
        assertThat(look(1, 2 * LIMIT)).isTrue();
        assertThat(withdrawn(1)).contains(5L);
        assertThat(stopped()).isEmpty();
        handBack(1, 5);
        ended(1, 4, 100_000);
        assertThat(stopped()).containsExactly(1L);
        exit(1, 4, 0);
        assertThat(launched()).containsExactly(2L);
        becomeReady(2);
        assertThat(sentTo(2)).hasSize(1);
    }

    @Test
    void withoutALimitNobodyLooks() {
        ready(1, 1);
        pass(5_000);
        assertThat(core.memoryToSee()).isEmpty();
    }

    @Test
    void aDeathForWantOfMemoryIsToldAsOne() {
        ready(1, 1);
        run(1, 1);
        core.exited(1, 1, new ProcessExit(137, List.of(), true));
        settle();
        Loss loss = outcome(1).getLoss();
        assertThat(loss.getOutOfMemory()).isTrue();
        assertThat(loss.getSignal()).isEqualTo(9);
        assertThat(loss.getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
        assertThat(loss.getMessage())
                .isEqualTo(
                        "the worker process 1001 was killed by the kernel, because the host or its memory limit had no "
                                + "memory left, while it ran this task");
    }

    private void limited() {
        limits(new HostLimits(1, 61, 2_000, 60_000, 60_000, 64L << 20, 4L << 30, LIMIT, 600_000));
    }

    private boolean look(long process, long bytes) {
        nowMillis += Recycling.LOOK_MILLIS;
        core.timeIs(nowMillis);
        core.timePassed();
        assertThat(core.memoryToSee()).contains(process);
        boolean replaced = core.memorySeen(process, bytes);
        settle();
        return replaced;
    }
}
