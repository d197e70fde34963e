package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlarmTest {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private long nanos;
    private final Alarm alarm = new Alarm(timer, () -> {}, () -> nanos);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void ticksThatComeInTimeAreNoGap() {
        for (int i = 0; i < 100; i++) {
            pass(Alarm.TICK_MILLIS + Alarm.GAP_MILLIS);
            assertThat(alarm.tick()).isFalse();
        }
        assertThat(alarm.takeGapMillis()).isZero();
    }

    @Test
    void aTickThatComesLateIsAGapAndIsToldOnce() {
        pass(60_000);
        assertThat(alarm.tick()).isTrue();
        assertThat(alarm.takeGapMillis()).isEqualTo(60_000 - Alarm.TICK_MILLIS);
        assertThat(alarm.takeGapMillis()).isZero();
    }

    @Test
    void whoeverComesBeforeTheLateTickFindsTheGap() {
        pass(60_000);
        assertThat(alarm.takeGapMillis()).isEqualTo(60_000 - Alarm.TICK_MILLIS);
        assertThat(alarm.tick()).as("it has been told").isFalse();
    }

    @Test
    void gapsAddUpUntilTheyAreTold() {
        pass(10_000);
        alarm.tick();
        pass(20_000);
        alarm.tick();
        assertThat(alarm.takeGapMillis()).isEqualTo(30_000 - 2 * Alarm.TICK_MILLIS);
    }

    @Test
    void whatTheStartTookIsNoGap() {
        pass(60_000);
        alarm.startTicking();
        assertThat(alarm.takeGapMillis()).isZero();
    }

    @Test
    void itsTimeIsNotAheadOfTheClock() {
        nanos = 999_999;
        Alarm late = new Alarm(timer, () -> {}, () -> nanos);
        long beginMillis = late.nowMillis();
        nanos += 999_999;
        assertThat(late.nowMillis()).isEqualTo(beginMillis);
        nanos++;
        assertThat(late.nowMillis()).isEqualTo(beginMillis + 1);
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
