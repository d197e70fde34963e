package io.farpool.session;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.codec.Codec;
import io.farpool.codec.PayloadCodec;
import io.farpool.interleaving.Interleavings;
import io.farpool.proto.v1.Cancelled;
import io.farpool.proto.v1.Completion;
import io.farpool.proto.v1.CompletionsResponse;
import io.farpool.proto.v1.Credit;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.OpenResponse;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.SubmitRequest;
import io.farpool.proto.v1.Task;
import io.farpool.wire.Protocol;
import io.farpool.wire.SerialQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of what happens to a session at once: submissions, cancels, the coordinator's news, and
 * each way to end. Every future is completed once, and the session's end is told once, after that.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionCoreLincheckTest {
    /** Decodes nothing here. */
    private static final PayloadCodec PAYLOADS =
            new PayloadCodec(new Codec(), new PayloadDirectory(), Protocol.MAX_INLINE_PAYLOAD_BYTES);

    private static final CompletionsResponse FIRST_LOST = completion(
            Outcome.newBuilder().setLoss(Loss.newBuilder().setMessage("lost")).build());
    private static final CompletionsResponse FIRST_CANCELLED = completion(
            Outcome.newBuilder().setCancelled(Cancelled.getDefaultInstance()).build());
    private static final OpenResponse OPEN = OpenResponse.newBuilder()
            .setCredit(Credit.newBuilder().setTasks(10).setPayloadBytes(10))
            .build();

    private static CompletionsResponse completion(Outcome outcome) {
        return CompletionsResponse.newBuilder()
                .addCompletions(
                        Completion.newBuilder().setNumber(1).setSequence(1).setOutcome(outcome))
                .build();
    }

    /** The session without its threads: what it is told comes from the threads of the scenario, which complete futures too. */
    private static final class Model implements SessionCore.Effects, TaskFuture.Owner, SubmitStream {
        private final SessionCore core = new SessionCore(this);
        private final List<Thread> successors = new ArrayList<>();
        private final SerialQueue<SessionEvent> events = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(SessionEvent event) {
                        event.applyTo(core);
                    }

                    @Override
                    public void flush() {
                        core.flush();
                    }

                    @Override
                    public void fault(Throwable bug) {
                        throw new AssertionError(bug);
                    }
                },
                this::startSuccessor);
        private final List<TaskFuture<?>> completed = new ArrayList<>();
        private final List<SubmitRequest> sent = new ArrayList<>();
        private int ends;
        private int breaks;

        private void startSuccessor(Runnable rest) {
            Thread successor = new Thread(rest);
            synchronized (successors) {
                successors.add(successor);
            }
            successor.start();
        }

        void awaitIdle() {
            for (int i = 0; ; i++) {
                Thread successor;
                synchronized (successors) {
                    if (i == successors.size()) {
                        return;
                    }
                    successor = successors.get(i);
                }
                Interleavings.join(successor);
            }
        }

        void open(int generation) {
            events.post(new SessionEvent.Accepted(generation, OPEN));
            events.post(new SessionEvent.Opened(generation, this));
        }

        TaskFuture<Integer> submit() {
            TaskFuture<Integer> future = new TaskFuture<>(this, Task.getDefaultInstance(), 0);
            events.postFromUser(future);
            return future;
        }

        @Override
        public void provideCode() {
            throw new AssertionError("nobody misses it");
        }

        @Override
        public void acknowledgeLater() {
            startSuccessor(() -> events.post(new SessionEvent.AcknowledgeNow()));
        }

        @Override
        public void upload(SharedValues.Upload upload) {
            throw new AssertionError("nothing is shared");
        }

        @Override
        public void complete(List<SessionCore.Finished> finished) {
            for (SessionCore.Finished one : finished) {
                boolean refused = one.future().sequence() == 0;
                require(ends == 0 || refused, "a completion after the end");
                completed.add(one.future());
                if (one.completion() != null) {
                    one.future().deliver(one.completion(), PAYLOADS);
                } else {
                    one.future().fail(one.reason());
                }
            }
        }

        @Override
        public void log(List<LogLine> lines) {}

        @Override
        public void reopen(SessionCore.Break lost) {
            open(2);
        }

        @Override
        public void broken(RuntimeException reason) {
            breaks++;
        }

        @Override
        public void ended() {
            ends++;
        }

        @Override
        public void receive(TaskFuture<?> future, SessionCore.Offer offer) {}

        @Override
        public void stopReceiving(TaskFuture<?> future) {}

        @Override
        public void stopReceiving() {}

        @Override
        public void send(long transfer, TaskFuture<?> future) {}

        @Override
        public void sendInitializer(long transfer) {}

        @Override
        public String id() {
            return "session";
        }

        @Override
        public void withdraw(TaskFuture<?> future, boolean evenIfRunning) {
            events.postFromUser(new SessionEvent.Withdrawn(future, evenIfRunning));
        }

        @Override
        public void send(SubmitRequest request) {
            sent.add(request);
        }

        @Override
        public void finish() {}

        @Override
        public void abandon() {}

        boolean hasSent(Predicate<SubmitRequest> what) {
            return sent.stream().anyMatch(what);
        }

        void expectEndedWith(TaskFuture<?>... futures) {
            awaitIdle();
            require(ends == 1, ends + " ends");
            for (TaskFuture<?> future : futures) {
                require(future.isDone(), future);
                long times = completed.stream().filter(one -> one == future).count();
                require(times == 1 || (times == 0 && future.isCancelled()), times + " completions of " + future);
            }
        }
    }

    @Test
    void aSubmitAgainstTheEndOfTheSession() {
        Interleavings.explore(10, () -> {
            Model session = new Model();
            session.open(1);
            TaskFuture<?>[] futures = new TaskFuture<?>[1];
            Interleavings.together(
                    () -> futures[0] = session.submit(),
                    () -> session.events.post(new SessionEvent.CloseWhenDone()),
                    () -> {
                        session.events.post(new SessionEvent.EndNow(false, new IllegalStateException("ended")));
                        session.events.post(new SessionEvent.Ended(1));
                    });
            session.expectEndedWith(futures);
        });
    }

    @Test
    void aCancelAgainstTheTasksOutcome() {
        Interleavings.explore(10, () -> {
            Model session = new Model();
            session.open(1);
            TaskFuture<?> future = session.submit();
            Interleavings.together(
                    future::cancel,
                    () -> session.events.post(new SessionEvent.Arrived(1, FIRST_LOST)),
                    () -> session.events.post(new SessionEvent.Arrived(1, FIRST_CANCELLED)));
            session.events.post(new SessionEvent.CloseWhenDone());
            session.events.post(new SessionEvent.Ended(1));
            session.expectEndedWith(future);
        });
    }

    @Test
    void aCancelThatMeetsTheSendingIsSentTooAndOtherwiseNothingIs() {
        Interleavings.explore(10, () -> {
            Model session = new Model();
            TaskFuture<?> future = session.submit();
            Interleavings.together(future::cancel, () -> session.open(1));
            session.awaitIdle();
            boolean taskSent = session.hasSent(request -> request.getTasksCount() > 0);
            boolean cancelSent = session.hasSent(request -> request.getCancelsCount() > 0);
            require(future.isCancelled() && taskSent == cancelSent, "task sent " + taskSent);
            if (taskSent) {
                session.events.post(new SessionEvent.Arrived(1, FIRST_CANCELLED));
            }
            session.events.post(new SessionEvent.CloseWhenDone());
            session.events.post(new SessionEvent.Ended(1));
            session.expectEndedWith(future);
            require(session.breaks == 0, "broken, as if a task were left");
        });
    }

    @Test
    void openingAgainstCancellingAndBreaking() {
        Interleavings.explore(10, () -> {
            Model session = new Model();
            TaskFuture<?> first = session.submit();
            TaskFuture<?>[] futures = {first, null};
            Interleavings.together(
                    () -> {
                        session.open(1);
                        session.events.post(new SessionEvent.Ended(1));
                    },
                    () -> {
                        first.cancel();
                        futures[1] = session.submit();
                    },
                    () -> session.events.post(new SessionEvent.Broke(new IllegalStateException("broken"))));
            session.expectEndedWith(futures);
        });
    }

    @Test
    void aBreakAgainstCancellingAndTheTasksOutcome() {
        Interleavings.explore(8, () -> {
            Model session = new Model();
            session.open(1);
            TaskFuture<?> future = session.submit();
            Interleavings.together(
                    future::cancel,
                    () -> session.events.post(new SessionEvent.Lost(1, "broken")),
                    () -> session.events.post(new SessionEvent.Arrived(1, FIRST_LOST)));
            session.awaitIdle(); // nothing comes on a stream that has not been opened
            session.events.post(new SessionEvent.Arrived(2, FIRST_CANCELLED));
            session.events.post(new SessionEvent.CloseWhenDone());
            session.events.post(new SessionEvent.Ended(2));
            session.expectEndedWith(future);
        });
    }
}
