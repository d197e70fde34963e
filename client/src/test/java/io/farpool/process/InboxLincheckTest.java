package io.farpool.process;

import static io.farpool.interleaving.Interleavings.require;

import com.google.protobuf.MessageLite;
import io.farpool.interleaving.Interleavings;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.ProcessNotes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of a worker process's two threads and its daemon: who reads, what is run and what is
 * given back. The daemon's end of the socket is a queue of frames, and tasks take no time.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InboxLincheckTest {
    private static final class Model implements Inbox.Source, Outbox.Sink {
        private final LinkedBlockingQueue<ToProcess> socket = new LinkedBlockingQueue<>();
        private final List<Long> ran = new ArrayList<>();
        private final List<Long> outcomes = new ArrayList<>();
        private final List<Long> withdrawn = new ArrayList<>();
        private final Outbox outbox = new Outbox(
                this,
                new ProcessNotes(ByteBuffer.allocate(1 << 10)),
                () -> {
                    throw new AssertionError("the daemon is not gone");
                },
                Runnable::run);
        private final TaskThread taskThread = new TaskThread(this::runTasks);
        private final Inbox inbox = new Inbox(this, outbox, taskThread, new SharedCopies(digest -> {}));
        private volatile boolean reading;
        private volatile boolean strayInterrupt;

        @Override
        public List<ToProcess> read() {
            require(!reading, "two readers");
            reading = true;
            try {
                return List.of(socket.take());
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted while reading", e);
            } finally {
                reading = false;
            }
        }

        @Override
        public List<ToProcess> poll() {
            require(!reading, "two readers");
            reading = true;
            ToProcess next = socket.poll();
            reading = false;
            return next == null ? List.of() : List.of(next);
        }

        @Override
        public void write(ByteBuffer frame) throws IOException {
            write(FromProcess.parseFrom(frame));
        }

        @Override
        public void write(MessageLite frame) {
            FromProcess from = (FromProcess) frame;
            from.getOutcomesList().forEach(outcome -> outcomes.add(outcome.getOrdinal()));
            withdrawn.addAll(from.getWithdrawnList());
        }

        /** As a worker process's main loop. */
        private void runTasks() {
            try {
                for (RunInProcess run = next(); run != null; run = next()) {
                    taskThread.enter(run.getOrdinal());
                    ran.add(run.getOrdinal());
                    taskThread.leave();
                    strayInterrupt |= Thread.currentThread().isInterrupted();
                    ProcessOutcome outcome = ProcessOutcome.newBuilder()
                            .setOrdinal(run.getOrdinal())
                            .setRunNanos(2_000_000)
                            .build();
                    outbox.outcome(outcome, inbox.has(outbox.enough(outcome)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private @Nullable RunInProcess next() throws IOException {
            RunInProcess next = inbox.poll();
            if (next == null) {
                outbox.flush();
                next = inbox.take();
            }
            return next;
        }

        /** As the attendant at two of its looks. */
        private void attend() {
            try {
                for (int looks = 0; looks < 2; looks++) {
                    outbox.flush();
                    inbox.readWhile(() -> ran.isEmpty());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void expectAllRan(long... ordinals) {
            require(ran.size() == ordinals.length && outcomes.equals(ran), ran + " ran, outcomes of " + outcomes);
            for (int i = 0; i < ordinals.length; i++) {
                require(ran.get(i) == ordinals[i], ran);
            }
            require(!strayInterrupt, "an interrupt outlived its task");
        }
    }

    private static ToProcess runs(long... ordinals) {
        ToProcess.Builder frame = ToProcess.newBuilder();
        for (long ordinal : ordinals) {
            frame.addRuns(RunInProcess.newBuilder().setOrdinal(ordinal));
        }
        return frame.build();
    }

    private static final ToProcess STOP = ToProcess.newBuilder().setStop(true).build();

    @Test
    void everyTaskRunsOnceAndInOrderWhoeverReadsIt() {
        Interleavings.explore(10, () -> {
            Model process = new Model();
            process.taskThread.start();
            Interleavings.together(
                    () -> {
                        process.socket.add(runs(1, 2));
                        process.socket.add(runs(3));
                        process.socket.add(STOP);
                    },
                    process::attend);
            Interleavings.join(process.taskThread);
            process.expectAllRan(1, 2, 3);
        });
    }

    @Test
    void aRecalledTaskIsEitherRunOrGivenBack() {
        Interleavings.explore(10, () -> {
            Model process = new Model();
            process.socket.add(runs(1, 2));
            process.taskThread.start();
            Interleavings.together(
                    () -> {
                        process.socket.add(ToProcess.newBuilder().addWithdraw(2).build());
                        process.socket.add(STOP);
                    },
                    process::attend);
            Interleavings.join(process.taskThread);
            require(process.outcomes.equals(process.ran) && process.ran.get(0) == 1, process.outcomes);
            require(process.ran.contains(2L) != process.withdrawn.contains(2L), process.ran);
        });
    }

    @Test
    void anInterruptReachesItsTaskOnly() {
        Interleavings.explore(10, () -> {
            Model process = new Model();
            process.socket.add(runs(1, 2));
            process.taskThread.start();
            Interleavings.together(
                    () -> {
                        process.socket.add(
                                ToProcess.newBuilder().setInterrupt(1).build());
                        process.socket.add(STOP);
                    },
                    process::attend,
                    () -> process.taskThread.interrupt());
            Interleavings.join(process.taskThread);
            process.expectAllRan(1, 2);
        });
    }
}
