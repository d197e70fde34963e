package io.farpool.session;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Task;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session's real core with its real streams, without a thread and a clock: for simulations elsewhere. Every call is one
 * turn of the core, with its flush.
 */
public final class VirtualSession {
    /** What becomes of it. Must not call back. */
    public interface Effects {
        /** A future is to be completed: with a completion, or for a reason outside its task. */
        void finished(int task, @Nullable Completion completion, @Nullable RuntimeException reason);

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
    }

    private static final class Settled extends RuntimeException {
        private static final long serialVersionUID = 1;

        Settled() {
            super("settled by the simulation", null, false, false);
        }
    }

    private final Effects effects;
    private final SessionCore core;
    private final List<TaskFuture<?>> futures = new ArrayList<>();
    private final Map<TaskFuture<?>, Integer> tasks = new HashMap<>(); // futures are equal to themselves only
    private final String sessionId;
    private int generation;

    /** One that has not been opened. */
    public VirtualSession(String sessionId, Effects effects) {
        this.sessionId = sessionId;
        this.effects = effects;
        core = new SessionCore(new SessionCore.Effects() {
            @Override
            public void complete(List<SessionCore.Finished> finished) {
                for (SessionCore.Finished one : finished) {
                    one.future().refuse(new Settled());
                    effects.finished(tasks.get(one.future()), one.completion(), one.reason());
                }
            }

            @Override
            public void log(List<LogLine> lines) {}

            @Override
            public void reopen(SessionCore.Break lost) {
                effects.reopen(lost.why(), lost.knownHosts(), lost.completionsArrived(), lost.pending());
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
            public void receive(TaskFuture<?> future, SessionCore.Offer offer) {}

            @Override
            public void stopReceiving(TaskFuture<?> future) {}

            @Override
            public void stopReceiving() {}

            @Override
            public void send(long transfer, @Nullable TaskFuture<?> future) {}

            @Override
            public void sendInitializer(long transfer) {}
        });
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

    /** Submits these together; they are named 0, 1, 2 … in the order they come. */
    public void submit(List<Task> together) {
        for (Task task : together) {
            TaskFuture<?> future =
                    new TaskFuture<>(owner, task, task.getPayload().getInline().size());
            tasks.put(future, futures.size());
            futures.add(future);
            core.submitted(future);
        }
        core.flush();
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
    public void opened(Connection connection, ByteString secret, OpenResponse response, long acknowledged) {
        int opened = ++generation;
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
        streams.open(connection, sessionId, secret, response.getEpoch(), acknowledged);
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
