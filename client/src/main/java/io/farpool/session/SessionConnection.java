package io.farpool.session;

import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.DescribeRequest;
import io.farpool.proto.v1.DescribeResponse;
import io.farpool.proto.v1.OpenResponse;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's connection: made when it is first needed, opened, opened again when its streams have broken, and closed with the
 * session. What comes over it becomes events for the session's core. Thread-safe.
 */
final class SessionConnection {
    private static final Logger log = LoggerFactory.getLogger(SessionConnection.class);

    private static final long DESCRIBE_SECONDS = 5;

    private final String sessionId;
    private final SessionSettings settings;
    private final Supplier<Connection> connector;
    private final ExitHook exitHook;
    private final Executor threads;
    private final Consumer<SessionEvent> events;
    private final AtomicBoolean providing = new AtomicBoolean();

    // Guarded by this.
    private @Nullable Connection connection;
    private @Nullable SessionOpening opening;
    /** Nothing is to be connected any more. */
    private boolean over;

    /**
     * @param connector makes the connection
     * @param exitHook added when there is something to end
     * @param threads run what blocks
     */
    SessionConnection(
            String sessionId,
            SessionSettings settings,
            Supplier<Connection> connector,
            ExitHook exitHook,
            Executor threads,
            Consumer<SessionEvent> events) {
        this.sessionId = sessionId;
        this.settings = settings;
        this.connector = connector;
        this.exitHook = exitHook;
        this.threads = threads;
        this.events = events;
    }

    /**
     * Connects, unless that has been done. Returns at once; what goes wrong is an event.
     *
     * @throws java.util.concurrent.RejectedExecutionException when this JVM is about to exit
     */
    void open() {
        Connection opened;
        SessionOpening first;
        synchronized (this) {
            if (connection != null || over) {
                return;
            }
            boolean hooked = exitHook.add();
            try {
                opened = connector.get();
            } catch (RuntimeException | Error failed) {
                if (hooked) {
                    exitHook.remove();
                }
                throw failed;
            }
            connection = opened;
            first = new SessionOpening(settings, sessionId, opened, new Transport(opened));
            opening = first;
        }
        if (opened.isLocal()) {
            first.open();
        } else {
            try {
                threads.execute(first::open);
            } catch (OutOfMemoryError noThread) {
                forget(opened); // so that the next task has it tried again
                throw noThread;
            }
        }
    }

    private void forget(Connection opened) {
        synchronized (this) {
            connection = null;
            opening = null;
        }
        exitHook.remove();
        opened.close();
    }

    /** Opens the session again, with new streams. Returns at once. */
    void reopen(SessionCore.Break lost) {
        SessionOpening again;
        synchronized (this) {
            again = opening;
        }
        if (again != null) {
            threads.execute(() -> again.reopen(lost));
        }
    }

    /** The coordinator misses something of the session's code: gives it that again. Returns at once. */
    void provideCode() {
        SessionOpening current;
        synchronized (this) {
            current = opening;
        }
        if (current != null && providing.compareAndSet(false, true)) {
            threads.execute(() -> {
                try {
                    current.provideCode();
                } finally {
                    providing.set(false);
                }
            });
        }
    }

    /** Null before it has been needed. */
    synchronized @Nullable Connection current() {
        return connection;
    }

    /** Where large payloads go; null before the connection has been needed. */
    synchronized SessionPayloads.@Nullable Way way() {
        return connection == null || opening == null ? null : new SessionPayloads.Way(connection, opening.secret());
    }

    /** What the coordinator says of the cluster and this session; null when there is none or it does not answer. */
    @Nullable
    DescribeResponse describe() throws InterruptedException {
        Connection current = current();
        if (current == null) {
            return null;
        }
        CompletableFuture<DescribeResponse> answer = new CompletableFuture<>();
        current.describe(DescribeRequest.newBuilder().setSessionId(sessionId).build(), new UnaryAnswer<>(answer));
        try {
            return answer.get(DESCRIBE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.debug("session={} the coordinator does not describe itself", sessionId, e);
            return null;
        }
    }

    /** The session has ended: nothing is connected any more. Blocks for a bounded time. */
    void close() {
        Connection current;
        synchronized (this) {
            over = true;
            current = connection;
            if (opening != null) {
                opening.giveUp();
            }
        }
        if (current != null) {
            current.close();
        }
    }

    private final class Transport implements SessionOpening.Events {
        private final Connection to;

        Transport(Connection to) {
            this.to = to;
        }

        @Override
        public void accepted(int generation, OpenResponse response) {
            log.debug("session={} open epoch={}", sessionId, Long.toUnsignedString(response.getEpoch(), 16));
            events.accept(new SessionEvent.Accepted(generation, response));
        }

        @Override
        public void opened(int generation, SubmitStream stream) {
            events.accept(new SessionEvent.Opened(generation, stream));
        }

        @Override
        public void arrived(int generation, CompletionsResponse batch) {
            events.accept(new SessionEvent.Arrived(generation, batch));
        }

        @Override
        public void streamEnded(int generation, Status status) {
            if (status.isOk()) {
                events.accept(new SessionEvent.Ended(generation));
            } else if (to.isLocal() || FinalStatuses.ofStream(status)) {
                events.accept(new SessionEvent.Refused(generation, FinalStatuses.streamRefused(to.target(), status)));
            } else {
                events.accept(new SessionEvent.Lost(generation, FinalStatuses.describe(status)));
            }
        }

        @Override
        public void failed(RuntimeException reason) {
            events.accept(new SessionEvent.Broke(reason));
        }
    }
}
