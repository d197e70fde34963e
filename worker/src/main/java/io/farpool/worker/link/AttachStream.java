package io.farpool.worker.link;

import io.farpool.proto.v1.Hello;
import io.farpool.proto.v1.Load;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Report;
import io.farpool.worker.process.MachineMemory;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this host attached: opens the stream, says hello, and opens another when it breaks, after a backoff, for as long as
 * it is not closed. What is told to {@link Events} belongs to the stream opened last; whatever an older one still says is
 * ignored.
 *
 * <p>Everything but the constructor and the observer's callbacks is to be called by one thread at a time, the driver of the
 * host core; so {@link Events} has to pass on to it.
 */
public final class AttachStream {
    private static final Logger log = LoggerFactory.getLogger(AttachStream.class);

    /** What happens on the stream. Called on the link's threads and the timer's. */
    public interface Events {
        /** A stream is to be opened now: answer with {@link AttachStream#open}. */
        void timeToAttach();

        /** An order has come on the stream of that number. */
        void ordered(long stream, Order order);

        /** The stream of that number has ended: answer with {@link AttachStream#ended}. */
        void ended(long stream, Status status);

        /** The stream takes more log lines again. */
        void ready();
    }

    private final CoordinatorLink link;
    private final LongFunction<Hello> hello;
    private final Events events;
    private final ScheduledExecutorService timer;
    private final Backoff backoff;
    private final Duration connectTimeout;
    private final long firstTryNanos = System.nanoTime();

    private long number;
    private @Nullable StreamObserver<Report> reports;
    private boolean everWelcomed;
    /** Written by the driver only. */
    private volatile boolean welcomed;

    private boolean closed;
    private String lastTrouble = "";

    /**
     * @param hello what this host says of itself, given the epoch of the coordinator that it knows
     * @param timer for the backoff
     * @param connectTimeout for the very first welcome; past it, attaching is given up
     */
    public AttachStream(
            CoordinatorLink link,
            LongFunction<Hello> hello,
            Events events,
            ScheduledExecutorService timer,
            RandomGenerator random,
            Duration connectTimeout) {
        this.link = link;
        this.hello = hello;
        this.events = events;
        this.timer = timer;
        this.backoff = new Backoff(random);
        this.connectTimeout = connectTimeout;
    }

    /** Opens a stream, and says hello on it. */
    public void open(long epoch) {
        if (closed) {
            return;
        }
        Incoming incoming = new Incoming(++number);
        reports = link.attach(incoming);
        send(Report.newBuilder().setHello(hello.apply(epoch)).build());
    }

    /** Sends the host's whole state on the current stream, where it is wanted. */
    public void tell(List<Report> state) {
        state.forEach(this::send);
    }

    /** Whether something that came on the stream of that number still counts. */
    public boolean isCurrent(long stream) {
        return stream == number && !closed;
    }

    /** The welcome has come on the current stream. */
    public void welcomed(long epoch) {
        welcomed = true;
        everWelcomed = true;
        backoff.reset();
        log.info("event=attached coordinator={} epoch={}", link.target(), Long.toHexString(epoch));
    }

    /** Whether the current stream has been welcomed. Any thread may ask. */
    public boolean isWelcomed() {
        return welcomed;
    }

    /** Sends a report on the current stream. Dropped while there is none: the state tells it on the next. */
    public void send(Report report) {
        StreamObserver<Report> to = reports;
        if (to == null) {
            return;
        }
        Report complete = report;
        if (report.hasLoad()) {
            Load load = report.getLoad().toBuilder()
                    .setFreeMemoryBytes(MachineMemory.availableBytes())
                    .build();
            complete = report.toBuilder().setLoad(load).build();
        }
        try {
            to.onNext(complete);
        } catch (RuntimeException ended) {
            // gRPC throws when the call has been cancelled; its onError has been or will be called, which is what
            // counts.
            log.debug("event=report-not-sent stream={} reason=\"{}\"", number, ended.toString());
        }
    }

    /** Whether the stream takes more without piling up. What may be dropped should wait until it does. */
    public boolean isReady() {
        StreamObserver<Report> to = reports;
        return to != null && welcomed && (!(to instanceof CallStreamObserver<Report> call) || call.isReady());
    }

    /**
     * The current stream has ended: plans the next try.
     *
     * @throws RefusedException when trying again is of no use, or the connect time-out has passed without a welcome
     */
    public void ended(Status status) {
        boolean wasWelcomed = welcomed;
        reports = null;
        welcomed = false;
        number++;
        String trouble = describe(status);
        if (status.getCode() == Status.Code.FAILED_PRECONDITION
                || status.getCode() == Status.Code.INVALID_ARGUMENT
                || status.getCode() == Status.Code.PERMISSION_DENIED
                || status.getCode() == Status.Code.UNAUTHENTICATED) {
            throw new RefusedException("coordinator " + link.target() + " refused this host: " + trouble);
        }
        if (status.getCode() == Status.Code.ABORTED) {
            throw new RefusedException("coordinator " + link.target() + " now has another host named \""
                    + hello.apply(0).getHost() + "\": " + trouble + "; give each host a name of its own");
        }
        if (!everWelcomed && System.nanoTime() - firstTryNanos >= connectTimeout.toNanos()) {
            throw new RefusedException("cannot reach coordinator " + link.target() + ": " + trouble
                    + "; expected a running coordinator there");
        }
        long waitMillis = backoff.nextMillis();
        if (wasWelcomed || !trouble.equals(lastTrouble)) {
            log.warn("event=detached coordinator={} reason=\"{}\" retry_in_ms={}", link.target(), trouble, waitMillis);
        }
        lastTrouble = trouble;
        attachIn(waitMillis);
    }

    /** Has {@link Events#timeToAttach} called. */
    public void attachIn(long waitMillis) {
        try {
            var unused = timer.schedule(events::timeToAttach, waitMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            log.debug("event=attach-not-planned reason=closing");
        }
    }

    /** Ends the stream; nothing is told any more. */
    public void close() {
        closed = true;
        welcomed = false;
        StreamObserver<Report> to = reports;
        reports = null;
        if (to != null) {
            try {
                to.onCompleted();
            } catch (RuntimeException ended) {
                log.debug("event=stream-already-ended reason=\"{}\"", ended.toString());
            }
        }
    }

    /** Without the class names and codes that help nobody who has to find a wrong port. */
    private static String describe(Status status) {
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root != null && root.getMessage() != null) {
            return root.getMessage();
        }
        String description = status.getDescription();
        return description != null
                ? description
                : status.getCode() == Status.Code.OK
                        ? "it ended the stream"
                        : status.getCode().toString();
    }

    private final class Incoming implements ClientResponseObserver<Report, Order> {
        private final long stream;

        Incoming(long stream) {
            this.stream = stream;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Report> call) {
            call.setOnReadyHandler(events::ready);
        }

        @Override
        public void onNext(Order order) {
            events.ordered(stream, order);
        }

        @Override
        public void onError(Throwable failure) {
            events.ended(stream, Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            events.ended(stream, Status.OK);
        }
    }
}
