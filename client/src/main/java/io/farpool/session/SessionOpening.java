package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.BrokenExecutorException;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.wire.Protocol;
import io.farpool.wire.RandomBytes;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a session to life over a connection, and back to life when its streams have broken: code first, then Open, then the
 * two streams. Tells the session by events. Both methods block, so they run on a thread of their own unless the connection
 * leads into this JVM; one call at a time is made, or the next as the one before is about to return.
 */
final class SessionOpening {
    private static final Logger log = LoggerFactory.getLogger(SessionOpening.class);

    private static final int SECRET_BYTES = 32;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** How long one Open may take when others can follow it. */
    private static final long REOPEN_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** A session whose streams live for so long is well; if they break before, this counts as one break with the last. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Where the session's events go. */
    interface Events extends SessionStreams.Events {
        /** A coordinator has the session. What comes of this generation comes after this. */
        void accepted(int generation, OpenResponse response);

        /** Its streams are there. */
        void opened(int generation, SubmitStream stream);

        /** There is no session, and will be none. */
        void failed(RuntimeException reason);
    }

    private final SessionSettings settings;
    private final String sessionId;
    private final ByteString secret;
    private final Connection connection;
    private final Events events;

    private volatile Connection.@Nullable Code code;
    private int generation;
    /** How often it has been tried, by which a coordinator knows what of an older try comes late. */
    private long opening;

    /** Of the coordinator that has had the session last; 0 for none. */
    private long epoch;

    /** Completions that have arrived of those that this coordinator numbers; of a new one's, none. */
    private long acknowledged;

    private long openedNanos;
    private long lostNanos;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private volatile boolean over;

    SessionOpening(SessionSettings settings, String sessionId, Connection connection, Events events) {
        this.settings = settings;
        this.sessionId = sessionId;
        this.secret = ByteString.copyFrom(RandomBytes.take(SECRET_BYTES));
        this.connection = connection;
        this.events = events;
    }

    /** What shows that a call is this session's. */
    ByteString secret() {
        return secret;
    }

    /** Opens it for the first time, within the time for connecting. */
    synchronized void open() {
        long startedNanos = System.nanoTime();
        long timeoutMillis = settings.connectTimeout().toMillis();
        long deadlineNanos = startedNanos + settings.connectTimeout().toNanos();
        try {
            while (true) {
                try {
                    openOnce(null, true, deadlineNanos - System.nanoTime());
                    return;
                } catch (IOException | RuntimeException e) {
                    if (FinalStatuses.ofFirstOpening(e) || System.nanoTime() - deadlineNanos >= 0) {
                        throw e;
                    }
                }
                pause();
                if (over) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            failInterrupted(e);
        } catch (IOException | RuntimeException e) {
            events.failed(FinalStatuses.notOpened(connection.target(), timeoutMillis, e));
        } catch (Error e) {
            failBroken(e);
        }
    }

    /** Opens it again, within the time for which a coordinator may be lost. */
    synchronized void reopen(SessionCore.Break lost) {
        if (lost.generation() < generation) {
            return; // it broke while its own opening went on to the next try, which has made that good
        }
        acknowledged = lost.completionsArrived();
        long nowNanos = System.nanoTime();
        if (lostNanos == 0 || nowNanos - openedNanos >= SETTLED_NANOS) {
            lostNanos = nowNanos;
            pauseMillis = FIRST_PAUSE_MILLIS;
        }
        long timeoutMillis = settings.coordinatorLossTimeout().toMillis();
        long deadlineNanos = lostNanos + settings.coordinatorLossTimeout().toNanos();
        log.warn(
                "session={} lost its coordinator target={} pending={} why=\"{}\"; tries to reach one for {} ms",
                sessionId,
                connection.target(),
                lost.pending(),
                lost.why(),
                timeoutMillis);
        try {
            if (nowNanos - deadlineNanos >= 0) {
                // Whoever answers loses it again at once.
                events.failed(FinalStatuses.notKept(connection.target(), lost.why(), timeoutMillis));
                return;
            }
            OpenResponse response = openAgain(lost, deadlineNanos, timeoutMillis);
            if (response != null) {
                log.info(
                        "session={} resumed after_ms={} epoch={} known={}",
                        sessionId,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nowNanos),
                        Long.toUnsignedString(response.getEpoch(), 16),
                        response.getKnown());
            }
        } catch (InterruptedException e) {
            failInterrupted(e);
        } catch (Error e) {
            failBroken(e);
        }
    }

    /** Tries until it is open; null when it never will be, which has been told then if anybody needs to know. */
    private @Nullable OpenResponse openAgain(SessionCore.Break lost, long deadlineNanos, long timeoutMillis)
            throws InterruptedException {
        boolean provideCode = false;
        while (true) {
            try {
                pause();
                if (over) {
                    return null;
                }
                return openOnce(lost, provideCode, deadlineNanos - System.nanoTime());
            } catch (OutOfMemoryError passing) {
                if (System.nanoTime() - deadlineNanos >= 0) {
                    throw passing;
                }
                log.debug("session={} not open again yet", sessionId, passing);
            } catch (IOException | RuntimeException e) {
                boolean codeMayBeMissing =
                        !provideCode && Status.fromThrowable(e).getCode() == Status.Code.FAILED_PRECONDITION;
                if (!codeMayBeMissing && FinalStatuses.ofReopening(e)) {
                    events.failed(FinalStatuses.notReopened(connection.target(), lost.why(), e));
                    return null;
                }
                if (System.nanoTime() - deadlineNanos >= 0) {
                    events.failed(FinalStatuses.notBackInTime(connection.target(), lost.why(), timeoutMillis, e));
                    return null;
                }
                provideCode = codeMayBeMissing;
                log.debug("session={} not open again yet", sessionId, e);
            }
        }
    }

    /** Gives the coordinator what it misses of the code that the session was opened with. A failure is logged: it asks again. */
    void provideCode() {
        Connection.Code opened = code;
        if (over || opened == null) {
            return;
        }
        try {
            Connection.Code provided = connection.provideCode(Duration.ofNanos(REOPEN_NANOS));
            if (!opened.bundle().equals(provided.bundle())) {
                log.warn(
                        "session={} the coordinator misses a part of the class path that has changed here since: only hosts"
                                + " that have it run the session's tasks",
                        sessionId);
            }
        } catch (IOException | RuntimeException e) {
            if (!over) {
                log.warn(
                        "session={} the coordinator misses a part of the class path, and cannot be given it",
                        sessionId,
                        e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody needs the session any more: an opening that is being tried is given up soon. */
    void giveUp() {
        over = true;
    }

    private void failInterrupted(InterruptedException e) {
        events.failed(new BrokenExecutorException("interrupted while opening a session at " + connection.target(), e));
    }

    /** No other try can be trusted to do better: a class cannot be loaded, say. */
    private void failBroken(Error e) {
        events.failed(new BrokenExecutorException("cannot open a session at " + connection.target() + ": " + e, e));
    }

    /** Together they come back, so they spread; the connection may have its own reasons not to try, which are over then. */
    private void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(pauseMillis - ThreadLocalRandom.current().nextLong(pauseMillis / 2));
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        connection.tryAgain();
    }

    /** @param provideCode else what was provided last is taken to be still there */
    private OpenResponse openOnce(SessionCore.@Nullable Break lost, boolean provideCode, long leftNanos)
            throws IOException, InterruptedException {
        long openNanos =
                Math.max(TimeUnit.SECONDS.toNanos(1), lost == null ? leftNanos : Math.min(leftNanos, REOPEN_NANOS));
        Connection.Code provided = code;
        if (provideCode || provided == null) {
            provided = connection.provideCode(Duration.ofNanos(openNanos));
            code = provided;
        }
        opening++;
        OpenResponse response = callOpen(request(lost, provided), openNanos);
        if (response.getKnown() && response.getEpoch() != epoch) {
            // By an Open before this one, whose answer was lost: nothing of what is counted here is of that
            // coordinator.
            response = response.toBuilder().setKnown(false).build();
        }
        epoch = response.getEpoch();
        generation++;
        openedNanos = System.nanoTime();
        events.accepted(generation, response);
        SessionStreams streams = new SessionStreams(generation, events);
        if (!response.getKnown()) {
            acknowledged = 0;
        }
        streams.open(connection, sessionId, secret, response.getEpoch(), opening, acknowledged);
        events.opened(generation, streams);
        return response;
    }

    private OpenRequest request(SessionCore.@Nullable Break lost, Connection.Code provided) {
        return OpenRequest.newBuilder()
                .setProtocolVersion(Protocol.VERSION)
                .setSessionId(sessionId)
                .setSessionSecret(secret)
                .setName(settings.name())
                .setProcess(process().setClassFileMajorVersion(provided.classFileMajorVersion()))
                .setBundle(provided.bundle())
                .setMaxWorkers(settings.maxWorkers())
                .setClientVersion(version())
                .setOpening(opening)
                .setResuming(lost != null)
                .addAllKnownHosts(lost == null ? List.of() : lost.knownHosts())
                .build();
    }

    private ProcessSpec.Builder process() {
        ProcessSpec.Builder process = settings.process().toBuilder();
        if (process.getInitializer().hasReference() && !connection.isLocal()) {
            process.getInitializerBuilder().getReferenceBuilder().clearPath();
        }
        return process;
    }

    private static String version() {
        String version = SessionOpening.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private OpenResponse callOpen(OpenRequest request, long leftNanos) throws InterruptedException {
        CompletableFuture<OpenResponse> answer = new CompletableFuture<>();
        connection.open(request, new UnaryAnswer<>(answer));
        try {
            return answer.get(leftNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e.getCause()).withCause(e.getCause()).asRuntimeException();
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("no answer to Open")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
