package io.farpool.session;

import io.farpool.blob.BlobDigest;
import io.farpool.blob.PassingStatus;
import io.farpool.bundle.BundleUpload;
import io.farpool.bundle.UnreadableEntryException;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the coordinator what a session shares, a few values at once. What has failed because the way there is broken is tried
 * again, until it is time to give up the coordinator, or a newer upload of the same value has been asked for.
 *
 * <p>Thread-safe; nothing here waits.
 */
final class SharedUploads {
    private static final Logger log = LoggerFactory.getLogger(SharedUploads.class);

    /** On their way at once; the others wait their turn. */
    static final int MAX_AT_ONCE = 4;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /**
     * A try that took longer, beside the time to check the value, has got on in between: the coordinator has that long to say
     * what it has, and to take the next piece.
     */
    private static final long LONGEST_STANDSTILL_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final String sessionId;
    private final Duration patience;
    private final Executor threads;
    private final LongFunction<Executor> afterMillis;
    private final Consumer<SessionEvent> events;
    /** The newest number of each that is being sent. */
    private final Map<BlobDigest, Long> newest = new ConcurrentHashMap<>();

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private volatile boolean over;

    // Guarded by this.
    private final Queue<Try> waiting = new ArrayDeque<>();
    private int running;

    /**
     * One value that is to be sent, or sent again.
     *
     * @param failedForNanos how long it has been tried without getting on; not how long it waited for its turn
     */
    private record Try(Connection to, SharedValues.Upload upload, long failedForNanos, long pauseMillis) {}

    /**
     * @param patience how long one is tried without getting on
     * @param events is told how it ended
     */
    SharedUploads(String sessionId, Duration patience, Executor threads, Consumer<SessionEvent> events) {
        this(
                sessionId,
                patience,
                threads,
                millis -> CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, threads),
                events);
    }

    /** @param afterMillis runs what it is given after so long */
    SharedUploads(
            String sessionId,
            Duration patience,
            Executor threads,
            LongFunction<Executor> afterMillis,
            Consumer<SessionEvent> events) {
        this.sessionId = sessionId;
        this.patience = patience;
        this.threads = threads;
        this.afterMillis = afterMillis;
        this.events = events;
    }

    /** Values that had to be sent. */
    long sent() {
        return sent.get();
    }

    /** Their bytes. */
    long sentBytes() {
        return sentBytes.get();
    }

    void start(Connection to, SharedValues.Upload upload) {
        newest.put(upload.bytes().digest(), upload.number());
        enqueue(new Try(to, upload, 0, FIRST_PAUSE_MILLIS));
    }

    private void enqueue(Try next) {
        synchronized (this) {
            waiting.add(next);
        }
        startNext();
    }

    private void startNext() {
        Try next;
        synchronized (this) {
            do {
                next = running < MAX_AT_ONCE ? waiting.poll() : null;
                if (next == null) {
                    return;
                }
            } while (!isWanted(next.upload()));
            running++;
        }
        attempt(next);
    }

    private void ended() {
        synchronized (this) {
            running--;
        }
        // On another thread: a long row of values that are there already must not become a deep stack.
        threads.execute(this::startNext);
    }

    private boolean isWanted(SharedValues.Upload upload) {
        Long wanted = newest.get(upload.bytes().digest());
        return !over && wanted != null && wanted == upload.number();
    }

    private void attempt(Try now) {
        SharedValues.Upload upload = now.upload();
        long beganNanos = System.nanoTime();
        var unused = now.to()
                .provideShared(upload.bytes().file(), upload.bytes().digest())
                .whenComplete((bytes, thrown) -> {
                    if (thrown == null) {
                        ended();
                        newest.remove(upload.bytes().digest(), upload.number());
                        if (bytes > 0) {
                            sent.incrementAndGet();
                            sentBytes.addAndGet(bytes);
                        }
                        log.debug(
                                "session={} shared={} sent_bytes={} took_ms={}",
                                sessionId,
                                upload.bytes().digest(),
                                bytes,
                                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
                        events.accept(new SessionEvent.SharedSent(upload));
                    } else {
                        long tookNanos = System.nanoTime() - beganNanos;
                        long checkNanos = BundleUpload.checkTime(
                                        upload.bytes().digest().sizeBytes())
                                .toNanos();
                        boolean gotOn = tookNanos > LONGEST_STANDSTILL_NANOS + checkNanos;
                        failed(now, gotOn ? 0 : now.failedForNanos() + tookNanos, thrown);
                    }
                });
    }

    private void failed(Try last, long failedForNanos, Throwable thrown) {
        SharedValues.Upload upload = last.upload();
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!isWanted(upload)) {
            ended();
            return;
        }
        if (mayPass(cause) && failedForNanos < patience.toNanos()) {
            log.debug(
                    "session={} shared={} sent=not-yet",
                    sessionId,
                    upload.bytes().digest(),
                    cause);
            Try next = new Try(
                    last.to(),
                    upload,
                    failedForNanos + TimeUnit.MILLISECONDS.toNanos(last.pauseMillis()),
                    Math.min(LONGEST_PAUSE_MILLIS, last.pauseMillis() * 2));
            afterMillis.apply(last.pauseMillis()).execute(() -> enqueue(next));
            // Its place stays taken a little: a coordinator that takes no more at once must not be asked for all the
            // others in turn.
            afterMillis.apply(FIRST_PAUSE_MILLIS).execute(this::ended);
            return;
        }
        ended();
        newest.remove(upload.bytes().digest(), upload.number());
        IOException because = cause instanceof IOException io ? io : new IOException(cause);
        log.debug("session={} shared={} sent=never", sessionId, upload.bytes().digest(), cause);
        events.accept(new SessionEvent.SharedNotSent(
                upload,
                new UncheckedIOException(
                        "a shared value of " + upload.bytes().digest().sizeBytes()
                                + " bytes cannot be sent to the coordinator at "
                                + last.to().target() + ": "
                                + because.getMessage(),
                        because)));
    }

    private static boolean mayPass(Throwable cause) {
        if (cause instanceof UnreadableEntryException) {
            return false;
        }
        return PassingStatus.includes(Status.fromThrowable(cause).getCode());
    }

    /** The session has ended: what has not been sent is not needed. */
    void giveUp() {
        over = true;
    }
}
