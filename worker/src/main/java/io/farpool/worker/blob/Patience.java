package io.farpool.worker.blob;

import io.farpool.blob.BlobMismatchException;
import io.farpool.blob.BlobStoreFullException;
import io.farpool.blob.PassingStatus;
import io.farpool.blob.StallWatch;
import io.grpc.Status;
import java.time.Duration;

/**
 * Whether, and when, a blob that could not be had is asked for again. Reads no clock: it is told the time. One for each that waits for
 * a blob; not thread-safe.
 */
final class Patience {
    /**
     * How long one that the coordinator does not have is asked for again: a coordinator that was started anew is given it by a
     * client, once that has found it, and one that has found it damaged asks a client for it. While it is on its way there, it
     * does not count as absent. The host drops what the client does not come back for sooner than that.
     */
    static final Duration ABSENT = Duration.ofSeconds(60);

    /**
     * Tries to fetch a file of a class path, whatever passing reason they fail for: another host may have more luck. Only a
     * coordinator that is away, or does not have it yet, is waited for, since nobody else has it.
     */
    static final int MAX_ATTEMPTS = 6;

    /** A try that took longer has got on in between. */
    private static final long LONGEST_STANDSTILL_NANOS = 2 * StallWatch.STALL.toNanos();

    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 3_200;

    /**
     * How long it is tried without getting on.
     *
     * @param absent a coordinator that answers, and does not have it
     * @param coordinatorLoss in all
     */
    record Limits(Duration absent, Duration coordinatorLoss) {}

    private final Limits limits;
    private final boolean shared;

    private int failures;
    private long failingSinceNanos;
    private boolean isAbsent;
    private long absentSinceNanos;

    /** @param shared it is a shared value, which tasks that run wait for: no other host can have it for them */
    Patience(Limits limits, boolean shared) {
        this.limits = limits;
        this.shared = shared;
    }

    /** A try has failed: whether there may be another. */
    boolean failed(Throwable thrown, long beganNanos, long nowNanos) {
        failures++;
        if (nowNanos - beganNanos > LONGEST_STANDSTILL_NANOS) {
            failingSinceNanos = nowNanos;
        } else if (failures == 1) {
            failingSinceNanos = beganNanos; // it may have waited for its turn before
        }
        Status.Code code = Status.fromThrowable(thrown).getCode();
        boolean wasAbsent = isAbsent;
        isAbsent = code == Status.Code.NOT_FOUND;
        if (isAbsent && !wasAbsent) {
            absentSinceNanos = nowNanos;
        }
        if (nowNanos - failingSinceNanos >= limits.coordinatorLoss().toNanos()) {
            return false;
        }
        if (isAbsent) {
            return nowNanos - absentSinceNanos < limits.absent().toNanos();
        }
        return mayPass(thrown, code) && (shared || code == Status.Code.UNAVAILABLE || failures < MAX_ATTEMPTS);
    }

    /** How long to wait before the next try. */
    long pauseMillis() {
        return Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(10, Math.max(0, failures - 1)));
    }

    int failures() {
        return failures;
    }

    /** What another try may mend: a broken connection, a coordinator that is away or busy, bytes that came damaged. */
    private static boolean mayPass(Throwable thrown, Status.Code code) {
        if (thrown instanceof BlobMismatchException) {
            return true;
        }
        if (thrown instanceof BlobStoreFullException full) {
            return full.isPassing();
        }
        return PassingStatus.includes(code);
    }
}
