package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadsGrpc;
import io.farpool.proto.v1.Task;
import io.farpool.session.SessionCore.Offer;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's large payloads: whose files they are, and their ways out and in. Tells the session by events. Thread-safe.
 */
final class SessionPayloads implements Receipts.Events, Receipts.Line {
    private static final Logger log = LoggerFactory.getLogger(SessionPayloads.class);

    /** Where the session's coordinator is, and what shows that a call is the session's. */
    record Way(Connection connection, ByteString secret) {}

    private final String sessionId;
    private final PayloadDirectory directory;
    private final @Nullable PayloadFile initializer;
    private final Supplier<@Nullable Way> way;
    private final Executor executor;
    private final Consumer<SessionEvent> events;
    private final Removals removals;
    private final Receipts receipts;
    private final Dispatches dispatches;
    /** Removes the files of large tasks that were taken back, when nobody can run them any more. */
    private @Nullable Cleaner cleaner;

    /**
     * @param directory where the files are
     * @param initializer the payload of the session's initializer; empty if there is none
     * @param way null before the session has been opened
     * @param executor runs what blocks on files
     */
    SessionPayloads(
            String sessionId,
            PayloadDirectory directory,
            Payload initializer,
            Supplier<@Nullable Way> way,
            Executor executor,
            Consumer<SessionEvent> events) {
        this.sessionId = sessionId;
        this.directory = directory;
        this.initializer = initializer.hasReference() ? PayloadFile.of(initializer.getReference()) : null;
        this.way = way;
        this.executor = executor;
        this.events = events;
        this.removals = new Removals(executor);
        this.receipts = new Receipts(this, directory, executor, removals, this);
        this.dispatches = new Dispatches(this::sendingLine, executor);
    }

    // ------------------------------------------------------------------------------------------------ files

    /** The file of a task that has just been encoded; null if it is small. */
    @Nullable
    KeptFile fileOf(Task encoded) {
        if (!encoded.getPayload().hasReference()) {
            return null;
        }
        PayloadFile file = PayloadFile.of(encoded.getPayload().getReference());
        return new KeptFile(file, () -> directory.discard(file.path()), removals);
    }

    /** The task as others are to see it: where they do not share this machine's files, no path is named to them. */
    Task forOthers(Task encoded) {
        Way current = way.get();
        if (current == null || current.connection().isLocal()) {
            return encoded;
        }
        Task.Builder elsewhere = encoded.toBuilder();
        elsewhere.getPayloadBuilder().getReferenceBuilder().clearPath();
        return elsewhere.build();
    }

    /**
     * Lets a runnable have the file of a task that is nobody else's any more.
     *
     * @param make gives the runnable for a payload
     */
    Runnable takenBack(KeptFile file, Function<Payload, Runnable> make) {
        directory.keepUntilExit(file.file().path());
        Runnable task =
                make.apply(Payload.newBuilder().setReference(file.file().here()).build());
        Cleaner.Cleanable ignored = cleaner().register(task, file.discard());
        return task;
    }

    private synchronized Cleaner cleaner() {
        if (cleaner == null) {
            cleaner = Cleaner.create();
        }
        return cleaner;
    }

    /** The session has ended. What is still to be decoded, or has been taken back, stays until it is not needed. */
    void end() {
        dispatches.end();
        removals.finish(); // nobody waits for the threads that do that, and the JVM may exit when the session has ended
        if (initializer != null) {
            directory.discard(initializer.path());
        }
        directory.end();
    }

    /** The JVM exits. */
    void close() {
        directory.close();
    }

    // ------------------------------------------------------------------------------------------------ in

    void receive(TaskFuture<?> future, Offer offer) {
        receipts.receive(future, offer);
    }

    void stopReceiving(TaskFuture<?> future) {
        receipts.stop(future);
    }

    void stopReceiving() {
        receipts.stopAll();
    }

    @Override
    public Receipts.Transfer begin(long sequence, Offer offer, Path file) {
        Way current = way.get();
        if (current == null) {
            throw new IllegalStateException("an outcome was offered to a session that has never been open");
        }
        PayloadsGrpc.PayloadsStub payloads = current.connection().payloads();
        Receipts.Line line = payloads == null
                ? ReceivingLine.local()
                : ReceivingLine.remote(payloads, sessionId, current.secret(), executor);
        return line.begin(sequence, offer, file);
    }

    @Override
    public void received(TaskFuture<?> future, Offer offer) {
        events.accept(new SessionEvent.Received(future, offer));
    }

    @Override
    public void notReceived(TaskFuture<?> future, Offer offer, RuntimeException reason) {
        events.accept(new SessionEvent.NotReceived(future, offer, reason));
    }

    // ------------------------------------------------------------------------------------------------ out

    /** @param future whose task's payload is asked for; null if none is pending */
    void send(long transfer, @Nullable TaskFuture<?> future) {
        dispatches.send(transfer, new TasksPayload(future));
    }

    void sendInitializer(long transfer) {
        dispatches.send(transfer, new InitializersPayload());
    }

    private PayloadsGrpc.@Nullable PayloadsStub sendingLine() {
        Way current = way.get();
        return current == null ? null : current.connection().payloads();
    }

    private final class TasksPayload implements Dispatches.Wanted {
        private final @Nullable TaskFuture<?> future;

        TasksPayload(@Nullable TaskFuture<?> future) {
            this.future = future;
        }

        @Override
        public @Nullable PayloadFile file() {
            return future == null ? null : future.argumentFile();
        }

        @Override
        public void missing(PayloadFile file) {
            if (future != null && future.argumentFile() != null) {
                NoSuchFileException removed = new NoSuchFileException(
                        file.path().toString(), null, "the task's payload was removed while it was pending");
                events.accept(new SessionEvent.NotSendable(future, new UncheckedIOException(removed)));
            }
        }
    }

    private final class InitializersPayload implements Dispatches.Wanted {
        @Override
        public @Nullable PayloadFile file() {
            return initializer;
        }

        @Override
        public void missing(PayloadFile file) {
            log.warn("event=initializer-removed session={} file={}", sessionId, file.path());
        }
    }
}
