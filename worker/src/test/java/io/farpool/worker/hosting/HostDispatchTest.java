package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.RunInProcess;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which process gets which task, and how many ahead. */
class HostDispatchTest extends HostStage {
    @Test
    void tasksOfUnknownLengthAreSentOneAtATime() {
        ready(1, 1);
        run(1, 1, 2, 3);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void tasksOfMicrosecondsAreSentByTheHundred() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, LongStream.rangeClosed(100, 999).toArray());
        assertThat(sentTo(1)).hasSize(256);
    }

    @Test
    void oneTaskOfMillisecondsIsSentAheadAndNoneOfLongOnes() {
        ready(1, 1);
        learn(1, 20 * MILLISECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).hasSize(2);
        limits(HostLimits.defaults(1));
        ready(1, 1);
        learn(1, 80 * MILLISECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).hasSize(1);
    }

    @Test
    void tasksAreSpreadOverTheProcesses() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        ended(1, 1, 10 * MICROSECOND);
        ended(2, 1, 10 * MICROSECOND);
        sentTo(1);
        sentTo(2);
        run(1, LongStream.rangeClosed(100, 119).toArray());
        assertThat(sentTo(1)).hasSize(10);
        assertThat(sentTo(2)).hasSize(10);
    }

    @Test
    void largePayloadsAreNotSentAhead() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        Order.Builder order = Order.newBuilder();
        for (int i = 0; i < 5; i++) {
            order.addRuns(aRun(1, 100 + i, 700_000));
        }
        order(order);
        assertThat(sentTo(1)).hasSize(2);
    }

    @ParameterizedTest(name = "{0} ms")
    @CsvSource({"1, 5", "12, 12", "80, 20"})
    void theMarkerOfATaskIsLookedAtAsOftenAsOthersTook(long taskMillis, long lookAfterMillis) {
        ready(1, 1);
        learn(1, taskMillis * MILLISECOND);
        pass(1_000);
        run(1, 100);
        assertThat(core.markersToSee()).containsExactly(1L);
        assertThat(core.wakeAtMillis()).isEqualTo(nowMillis + lookAfterMillis);
        pass(lookAfterMillis);
        assertThat(core.wakeAtMillis()).isEqualTo(nowMillis + lookAfterMillis);
    }

    @Test
    void aTaskThatRunsAloneIsLookedAtAgainOnceAnotherIsBehindIt() {
        ready(1, 1);
        learn(1, 40 * MILLISECOND);
        run(1, 100);
        markerAt(1, 2);
        pass(30);
        assertThat(core.markersToSee()).as("it has been told as started").isEmpty();
        run(1, 101);
        assertThat(core.wakeAtMillis()).isEqualTo(nowMillis + 20);
        pass(61);
        assertThat(withdrawn(1)).containsExactly(3L);
    }

    @Test
    void oneIsToldAsStarted20MillisecondsAfterItWasSeenToRun() {
        ready(1, 1);
        learn(1, 19 * MILLISECOND);
        run(1, 100);
        pass(19);
        markerAt(1, 2);
        pass(19);
        assertThat(started()).isEmpty();
        assertThat(core.wakeAtMillis()).isEqualTo(nowMillis + 1);
        pass(1);
        assertThat(started()).containsExactly(100L);
    }

    @Test
    void whatStandsBehindASlowTaskIsTakenBackForWhoeverIsFreeFirst() {
        limits(HostLimits.defaults(1));
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).containsExactly(2L, 3L, 4L);
        markerAt(1, 2);
        pass(11);
        assertThat(withdrawn(1)).containsExactly(3L, 4L);
        handBack(1, 3, 4);
        assertThat(sentTo(1)).as("not while it runs the slow one").isEmpty();
        ended(1, 2, 30 * MILLISECOND);
        assertThat(sentTo(1)).isNotEmpty();
    }

    @Test
    void aProcessThatMayHandTasksBackIsSentNoneThatComeAfterThem() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).containsExactly(2L, 3L, 4L);
        markerAt(1, 2);
        pass(11);
        assertThat(withdrawn(1)).containsExactly(3L, 4L);
        run(1, 103);
        ended(1, 2, 30 * MILLISECOND);
        assertThat(sentTo(1)).as("it has not answered").isEmpty();
        ended(1, 3, 2 * MICROSECOND);
        assertThat(sentTo(1)).as("it had started one of them").isEmpty();
        handBack(1, 4);
        assertThat(sendsTo(1).stream().flatMap(message -> message.getRunsList().stream()))
                .extracting(RunInProcess::getSequence)
                .containsExactly(102L, 103L);
    }

    @Test
    void anIdleProcessTakesFromABusyOne() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        ended(1, 1, 10 * MILLISECOND);
        ended(2, 1, 10 * MILLISECOND);
        run(1, 100, 101, 102, 103);
        assertThat(sentTo(1)).hasSize(3);
        ended(2, 2, 10 * MILLISECOND);
        ended(2, 3, 10 * MILLISECOND);
        assertThat(withdrawn(1)).containsExactly(3L);
        handBack(1, 3);
        assertThat(sentTo(2)).contains(4L);
    }
}
