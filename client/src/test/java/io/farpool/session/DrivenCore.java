package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import java.util.ArrayList;
import java.util.List;

/** A session's core without threads, with a coordinator that the test plays. */
class DrivenCore {
    static final long EPOCH = 70;

    final List<SessionCore.Finished> finished = new ArrayList<>();
    final List<SubmitRequest> sent = new ArrayList<>();
    final List<SharedValues.Upload> uploads = new ArrayList<>();
    final List<RuntimeException> broken = new ArrayList<>();
    final List<SessionCore.Break> breaks = new ArrayList<>();
    final List<String> streams = new ArrayList<>();
    final List<SessionCore.Offer> received = new ArrayList<>();
    final List<Long> stopped = new ArrayList<>();
    final List<String> sentPayloads = new ArrayList<>();
    int stoppedAll;
    int codesWanted;
    /** For acknowledgements. */
    int waits;

    int generation;
    int ended;
    boolean streamFinished;

    final SessionCore core = new SessionCore(new SessionCore.Effects() {
        @Override
        public void complete(List<SessionCore.Finished> batch) {
            finished.addAll(batch);
        }

        @Override
        public void log(List<LogLine> lines) {}

        @Override
        public void reopen(SessionCore.Break lost) {
            breaks.add(lost);
        }

        @Override
        public void provideCode() {
            codesWanted++;
        }

        @Override
        public void acknowledgeLater() {
            waits++;
        }

        @Override
        public void upload(SharedValues.Upload upload) {
            uploads.add(upload);
        }

        @Override
        public void broken(RuntimeException reason) {
            broken.add(reason);
        }

        @Override
        public void ended() {
            ended++;
        }

        @Override
        public void receive(TaskFuture<?> future, SessionCore.Offer offer) {
            received.add(offer);
        }

        @Override
        public void stopReceiving(TaskFuture<?> future) {
            stopped.add(future.sequence());
        }

        @Override
        public void stopReceiving() {
            stoppedAll++;
        }

        @Override
        public void send(long transfer, TaskFuture<?> future) {
            sentPayloads.add(transfer + " of " + (future == null ? "nobody" : future.sequence()));
        }

        @Override
        public void sendInitializer(long transfer) {
            sentPayloads.add(transfer + " of the initializer");
        }
    });

    final TaskFuture.Owner owner = new TaskFuture.Owner() {
        @Override
        public String id() {
            return "session";
        }

        @Override
        public void withdraw(TaskFuture<?> future, boolean evenIfRunning) {
            core.withdrawn(future, evenIfRunning);
        }
    };

    void submitAndForget(int payloadBytes, int priority) {
        TaskFuture<?> ignored = submit(payloadBytes, priority);
    }

    TaskFuture<?> submit(int payloadBytes, int priority) {
        Task task = Task.newBuilder()
                .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[payloadBytes])))
                .setPriority(priority)
                .build();
        TaskFuture<?> future = new TaskFuture<>(owner, task, payloadBytes);
        core.submitted(future);
        return future;
    }

    void open(long tasks, long bytes) {
        open(false, tasks, bytes);
    }

    void open(boolean known, long tasks, long bytes) {
        open(known, EPOCH + generation, tasks, bytes);
    }

    void open(boolean known, long epoch, long tasks, long bytes) {
        accept(known, epoch, tasks, bytes);
        openStream();
    }

    /** A coordinator has the session; the stream to it is still to come. */
    void accept(boolean known, long epoch, long tasks, long bytes) {
        core.accepted(
                ++generation,
                OpenResponse.newBuilder()
                        .setEpoch(epoch)
                        .setKnown(known)
                        .setCredit(Credit.newBuilder().setTasks(tasks).setPayloadBytes(bytes))
                        .build());
    }

    void openStream() {
        core.opened(generation, stream(generation));
        core.flush();
    }

    SubmitStream stream(int opened) {
        return new SubmitStream() {
            @Override
            public void send(SubmitRequest request) {
                assertThat(opened).as("the stream that is sent on").isEqualTo(generation);
                sent.add(request);
            }

            @Override
            public void finish() {
                streamFinished = true;
            }

            @Override
            public void abandon() {
                streams.add("abandoned " + opened);
            }
        };
    }

    void arrive(CompletionsResponse batch) {
        core.arrived(generation, batch);
    }

    /** The streams break, and what was sent on them is no more looked at. */
    void breakStreams() {
        core.lost(generation, "broken by the test");
        core.flush();
        sent.clear();
    }

    void credit(long tasks, long bytes) {
        arrive(CompletionsResponse.newBuilder()
                .setCredit(Credit.newBuilder().setTasks(tasks).setPayloadBytes(bytes))
                .build());
        core.flush();
    }

    List<Long> sequences() {
        return sent.stream()
                .flatMap(request -> request.getTasksList().stream())
                .map(Task::getSequence)
                .toList();
    }

    static Completion result(long number, long sequence) {
        return Completion.newBuilder()
                .setNumber(number)
                .setSequence(sequence)
                .setOutcome(Outcome.newBuilder().setResult(Payload.getDefaultInstance()))
                .build();
    }
}
