package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.codec.PayloadCodec;
import io.farpool.payload.PayloadFile;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ReceiveRequest;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session's real core with its real streams and its real receipts, without a thread and a clock: for simulations elsewhere. Every call is one
 * turn of the core, with its flush.
 */
public final class VirtualSession {
    /** What becomes of it. Must not call back. */
    public interface Effects {
        /**
         * A future is to be completed: with a completion, or for a reason outside its task.
         *
         * @param received the payload of the completion's outcome is a reference, and has been received
         * @param decoded to be run when user code has decoded it, and its files are not needed any more
         */
        void finished(
                int task,
                @Nullable Completion completion,
                @Nullable RuntimeException reason,
                boolean received,
                Runnable decoded);

        /** The streams have broken: the session is to be opened again. */
        void reopen(String why, List<String> knownHosts, long completionsArrived, int pending);

        /** It can run nothing more. */
        void broken(RuntimeException reason);

        /** A stream was refused for good. */
        void refused(Status status);

        /** It is over. */
        void ended();

        /** A future has been cancelled by its user: has {@link #withdrawn} called, now or soon. */
        void withdraw(int task, boolean evenIfRunning);

        /** The core may be told: runs it, in a turn of its own, in the order these come. */
        void arrives(Runnable turn);

        /** Begins to receive a payload; the result is its file, and the returned has it fail. */
        Runnable receive(
                ReceiveRequest request, PayloadReference expected, Path file, CompletableFuture<PayloadFile> result);

        /** Sends a task's payload: the file that is named when it begins; null if it is not needed any more. */
        void send(long transfer, Supplier<@Nullable Path> file);

        /** Sends the initializer's payload. */
        void sendInitializer(long transfer);

        /** Names a file that is not there yet. */
        Path newFile();

        /** A file is not needed any more. It may never have been made. */
        void discard(Path file);

        /** Runs this after so long. */
        void after(long millis, Runnable step);
    }

    private static final class Settled extends RuntimeException {
        private static final long serialVersionUID = 1;

        Settled() {
            super("settled by the simulation", null, false, false);
        }
    }

    private final Effects effects;
    private final SessionCore core;
    private final Receipts receipts;
    private ByteString secret = ByteString.EMPTY;
    private final List<TaskFuture<?>> futures = new ArrayList<>();
    private final Map<TaskFuture<?>, Integer> tasks = new HashMap<>(); // futures are equal to themselves only
    private final String sessionId;
    private int generation;

    /**
     * One that has not been opened.
     *
     * @param mostHeldBytes of what has been received and not decoded
     */
    public VirtualSession(String sessionId, long mostHeldBytes, Effects effects) {
        this.sessionId = sessionId;
        this.effects = effects;
        receipts = new Receipts(
                this::begin,
                new PayloadCodec.Place() {
                    @Override
                    public Path newFile() {
                        return effects.newFile();
                    }

                    @Override
                    public void discard(Path file) {
                        effects.discard(file);
                    }
                },
                step -> effects.after(0, step),
                Runnable::run,
                new Receiving(),
                mostHeldBytes,
                millis -> step -> effects.after(millis, step));
        core = new SessionCore(new SessionCore.Effects() {
            @Override
            public void complete(List<SessionCore.Finished> finished) {
                for (SessionCore.Finished one : finished) {
                    effects.finished(
                            tasks.get(one.future()), one.completion(), one.reason(), isReceived(one), () -> one.future()
                                    .fail(new Settled()));
                }
            }

            @Override
            public void log(List<LogLine> lines) {}

            @Override
            public void reopen(SessionCore.Break lost) {
                effects.reopen(lost.why(), lost.knownHosts(), lost.completionsArrived(), lost.pending());
            }

            @Override
            public void provideCode() {
                throw new AssertionError("the simulation loses no code");
            }

            @Override
            public void acknowledgeLater() {
                effects.after(
                        Acknowledgements.WAIT_MILLIS,
                        () -> effects.arrives(() -> {
                            core.acknowledge();
                            core.flush();
                        }));
            }

            @Override
            public void upload(SharedValues.Upload upload) {
                throw new AssertionError("the simulation shares nothing");
            }

            @Override
            public void broken(RuntimeException reason) {
                effects.broken(reason);
            }

            @Override
            public void ended() {
                effects.ended();
            }

            @Override
            public void receive(TaskFuture<?> future, SessionCore.Offer offer) {
                receipts.receive(future, offer);
            }

            @Override
            public void stopReceiving(TaskFuture<?> future) {
                receipts.stop(future);
            }

            @Override
            public void stopReceiving() {
                receipts.stopAll();
            }

            @Override
            public void send(long transfer, @Nullable TaskFuture<?> future) {
                effects.send(transfer, () -> {
                    PayloadFile file = future == null ? null : future.argumentFile();
                    return file == null ? null : file.path();
                });
            }

            @Override
            public void sendInitializer(long transfer) {
                effects.sendInitializer(transfer);
            }
        });
    }

    private static boolean isReceived(SessionCore.Finished finished) {
        Completion completion = finished.completion();
        PayloadReference reference = completion == null
                ? PayloadReference.getDefaultInstance()
                : Outcomes.payloadOf(completion.getOutcome()).getReference();
        return finished.future().hasOutcome(reference);
    }

    private Receipts.Transfer begin(long sequence, SessionCore.Offer offer, Path file) {
        ReceiveRequest request = ReceiveRequest.newBuilder()
                .setSessionId(sessionId)
                .setSequence(sequence)
                .setResult(ReceiveRequest.Result.newBuilder()
                        .setSecret(secret)
                        .setEpoch(offer.epoch())
                        .setAttempt(offer.attempt()))
                .build();
        CompletableFuture<PayloadFile> result = new CompletableFuture<>();
        return new Receipts.Transfer(result, effects.receive(request, offer.reference(), file, result));
    }

    private final class Receiving implements Receipts.Events {
        @Override
        public void received(TaskFuture<?> future, SessionCore.Offer offer) {
            later(() -> core.received(future, offer));
        }

        @Override
        public void notReceived(TaskFuture<?> future, SessionCore.Offer offer, RuntimeException reason) {
            later(() -> core.notReceived(future, offer, reason));
        }

        /** The core may be in the middle of something. */
        private void later(Runnable event) {
            effects.after(
                    0,
                    () -> effects.arrives(() -> {
                        event.run();
                        core.flush();
                    }));
        }
    }

    private final TaskFuture.Owner owner = new TaskFuture.Owner() {
        @Override
        public String id() {
            return sessionId;
        }

        @Override
        public void withdraw(TaskFuture<?> future, boolean evenIfRunning) {
            effects.withdraw(tasks.get(future), evenIfRunning);
        }
    };

    /** Submits these together; they are named 0, 1, 2 … in the order they come. References name their files here. */
    public void submit(List<Task> together) {
        for (Task task : together) {
            TaskFuture<?> future = future(task);
            tasks.put(future, futures.size());
            futures.add(future);
            core.submitted(future);
        }
        core.flush();
    }

    private TaskFuture<?> future(Task task) {
        Payload payload = task.getPayload();
        if (!payload.hasReference()) {
            return new TaskFuture<>(owner, task, TaskEncoder.creditBytes(payload));
        }
        PayloadFile file = PayloadFile.of(payload.getReference());
        Task elsewhere = task.toBuilder()
                .setPayload(Payload.newBuilder().setReference(file.elsewhere()))
                .build();
        KeptFile kept = new KeptFile(file, () -> effects.discard(file.path()), Runnable::run);
        return new TaskFuture<>(owner, elsewhere, TaskEncoder.creditBytes(elsewhere.getPayload()), kept, List.of());
    }

    /** As its user would: false if it is too late for that. */
    public boolean cancel(int task, boolean evenIfRunning) {
        return futures.get(task).cancel(evenIfRunning);
    }

    /** The core hears of a future that was cancelled. */
    public void withdrawn(int task, boolean evenIfRunning) {
        core.withdrawn(futures.get(task), evenIfRunning);
        core.flush();
    }

    /** No more will be submitted. */
    public void closeWhenDone() {
        core.closeWhenDone();
        core.flush();
    }

    /** It ends, whatever is pending. */
    public void endNow(boolean kill, RuntimeException reason) {
        core.endNow(kill, reason);
        core.flush();
    }

    /** It cannot be opened. */
    public void broke(RuntimeException reason) {
        core.broke(reason);
        core.flush();
    }

    /** A coordinator has it: opens the streams. */
    public void opened(
            Connection connection, ByteString secret, OpenResponse response, long opening, long acknowledged) {
        int opened = ++generation;
        this.secret = secret;
        core.accepted(opened, response);
        SessionStreams streams = new SessionStreams(opened, new SessionStreams.Events() {
            @Override
            public void arrived(int from, CompletionsResponse batch) {
                effects.arrives(() -> {
                    core.arrived(from, batch);
                    core.flush();
                });
            }

            @Override
            public void streamEnded(int from, Status status) {
                effects.arrives(() -> ended(from, status));
            }
        });
        streams.open(connection, sessionId, secret, response.getEpoch(), opening, acknowledged);
        core.opened(opened, streams);
        core.flush();
    }

    /** As the session's transport does. */
    private void ended(int from, Status status) {
        if (status.isOk()) {
            core.ended(from);
        } else if (FinalStatuses.ofStream(status)) {
            if (from == generation) {
                effects.refused(status);
            }
            core.refused(from, FinalStatuses.streamRefused("here", status));
        } else {
            core.lost(from, FinalStatuses.describe(status));
        }
        core.flush();
    }

    /** Whether an opening has failed in a way that no other try mends. */
    public static boolean isFinal(Status status) {
        return FinalStatuses.ofReopening(status.asRuntimeException());
    }
}
