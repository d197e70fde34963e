package io.farpool.worker.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.StallWatch;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Patience.Limits LIMITS = new Patience.Limits(Duration.ofSeconds(60), Duration.ofSeconds(600));

    private final Patience ofClassPath = new Patience(LIMITS, false);
    private final Patience ofShared = new Patience(LIMITS, true);

    private static boolean failed(Patience patience, Status status, int atSecond) {
        long nowNanos = TimeUnit.SECONDS.toNanos(atSecond);
        return patience.failed(status.asRuntimeException(), nowNanos - 1_000_000, nowNanos);
    }

    @Test
    void whatIsAbsentIsWaitedForAMinute() {
        for (Patience patience : new Patience[] {ofClassPath, ofShared}) {
            assertThat(failed(patience, Status.NOT_FOUND, 10)).isTrue();
            assertThat(failed(patience, Status.NOT_FOUND, 69)).isTrue();
            assertThat(failed(patience, Status.NOT_FOUND, 70)).isFalse();
        }
    }

    @Test
    void whileItIsOnItsWayItIsNotAbsent() {
        assertThat(failed(ofShared, Status.NOT_FOUND, 10)).isTrue();
        assertThat(failed(ofShared, Status.UNAVAILABLE, 60)).isTrue();
        assertThat(failed(ofShared, Status.NOT_FOUND, 80)).isTrue();
        assertThat(failed(ofShared, Status.NOT_FOUND, 139)).isTrue();
        assertThat(failed(ofShared, Status.NOT_FOUND, 140)).isFalse();
    }

    @Test
    void absentAndOnItsWayInTurnEndsToo() {
        for (int second = 0; second < 600; second++) {
            assertThat(failed(ofShared, second % 2 == 0 ? Status.NOT_FOUND : Status.UNAVAILABLE, second))
                    .isTrue();
        }
        assertThat(failed(ofShared, Status.NOT_FOUND, 600)).isFalse();
    }

    @Test
    void theTimeBeforeTheFirstTryDoesNotCount() {
        assertThat(failed(ofShared, Status.ABORTED, 100_000)).isTrue();
    }

    @Test
    void aCoordinatorThatIsAwayIsWaitedFor() {
        assertThat(failed(ofClassPath, Status.UNAVAILABLE, 0)).isTrue();
        assertThat(failed(ofClassPath, Status.UNAVAILABLE, 599)).isTrue();
        assertThat(failed(ofClassPath, Status.UNAVAILABLE, 600)).isFalse();
    }

    @Test
    void aTryThatGotOnBeginsTheTimeAnew() {
        assertThat(failed(ofShared, Status.ABORTED, 590)).isTrue();
        long beganNanos = TimeUnit.SECONDS.toNanos(600);
        long endedNanos = beganNanos + 2 * StallWatch.STALL.toNanos() + 1;
        assertThat(ofShared.failed(Status.ABORTED.asRuntimeException(), beganNanos, endedNanos))
                .isTrue();
        int ended = (int) TimeUnit.NANOSECONDS.toSeconds(endedNanos);
        assertThat(failed(ofShared, Status.ABORTED, ended + 599)).isTrue();
        assertThat(failed(ofShared, Status.ABORTED, ended + 601)).isFalse();
    }

    @Test
    void aBrokenFetchOfAClassPathIsTriedSixTimes() {
        for (int i = 1; i < Patience.MAX_ATTEMPTS; i++) {
            assertThat(failed(ofClassPath, Status.ABORTED, i)).isTrue();
        }
        assertThat(failed(ofClassPath, Status.ABORTED, 6)).isFalse();
    }

    @Test
    void whatDoesNotPassIsNotTriedAgain() {
        assertThat(failed(ofShared, Status.INVALID_ARGUMENT, 1)).isFalse();
        assertThat(ofClassPath.failed(new IOException("no such directory"), 0, 1))
                .isFalse();
    }

    @Test
    void pausesGrowToAFewSeconds() {
        assertThat(failed(ofShared, Status.ABORTED, 1)).isTrue();
        assertThat(ofShared.pauseMillis()).isEqualTo(100);
        assertThat(failed(ofShared, Status.ABORTED, 2)).isTrue();
        assertThat(ofShared.pauseMillis()).isEqualTo(200);
        for (int i = 3; i < 100; i++) {
            assertThat(failed(ofShared, Status.ABORTED, i)).isTrue();
        }
        assertThat(ofShared.pauseMillis()).isEqualTo(3_200);
    }
}
