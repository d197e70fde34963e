package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.contract.Await;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.ProcessNotes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What it does while a task runs, over a real socket. The test is the task thread, and the daemon. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AttendantTest {
    @TempDir
    Path directory;

    private TestDaemon daemon;
    private DaemonConnection connection;
    private Outbox outbox;
    private Inbox inbox;
    private Attendant attendant;
    /** Why it could not go on: the end of each test. */
    private final AtomicReference<Throwable> told = new AtomicReference<>();

    @BeforeEach
    void start() throws IOException {
        daemon = new TestDaemon(directory);
        connection = daemon.connection;
        outbox = new Outbox(connection, new ProcessNotes(ByteBuffer.allocate(1 << 10)), () -> {}, Runnable::run);
        inbox = new Inbox(connection, outbox, new TaskThread(() -> {}), new SharedCopies(digest -> {}));
    }

    private void startOneThatLooks() {
        attendant = new Attendant(inbox, outbox, connection, told::set);
        attendant.start();
    }

    /** What it does, it was woken for. */
    private void startOneThatHardlyLooks() {
        attendant = new Attendant(inbox, outbox, connection, told::set, TimeUnit.HOURS.toNanos(1));
        attendant.start();
    }

    @AfterEach
    void end() throws Exception {
        attendant.taskStarts();
        attendant.answerExpected(); // so that it reads, and finds its daemon gone
        daemon.hangUp();
        attendant.join();
        daemon.close();
    }

    @Test
    void aLongTaskDoesNotHoldUpTheOutcomeOfAShortOne() throws IOException {
        startOneThatHardlyLooks();
        attendant.taskStarts();
        leaveOutcome(1);
        attendant.taskStarts();
        assertThat(nextOutcomes()).containsExactly(1L);
    }

    @Test
    void norDoesOneThatFollowsALongOneForWhichItReads() throws IOException {
        startOneThatLooks();
        attendant.taskStarts();
        order(7);
        Await.until("it reads, as the task is long", () -> inbox.poll() != null);
        leaveOutcome(1);
        attendant.taskStarts();
        assertThat(nextOutcomes()).containsExactly(1L);
    }

    @Test
    void whatATaskHasAskedForIsHeard() throws IOException {
        startOneThatHardlyLooks();
        attendant.taskStarts();
        attendant.answerExpected();
        order(7);
        Await.until("it reads, as a task waits for an answer", () -> inbox.poll() != null);
    }

    @Test
    void whoInterruptsItDoesNotKeepItAwake() throws IOException {
        startOneThatHardlyLooks();
        for (int i = 0; i < 2; i++) { // while no task runs, and while one does
            Await.until(
                    "it waits",
                    () -> attendant.getState() == Thread.State.TIMED_WAITING
                            || attendant.getState() == Thread.State.WAITING);
            attendant.interrupt();
            Await.until("the interrupt is dropped", () -> !attendant.isInterrupted());
            attendant.taskStarts();
        }
        leaveOutcome(1);
        attendant.taskStarts();
        assertThat(nextOutcomes()).containsExactly(1L);
    }

    @Test
    void whyItCannotGoOnIsTold() throws Exception {
        OutOfMemoryError full = new OutOfMemoryError("of a task");
        inbox = new Inbox(new FailingSource(full), outbox, new TaskThread(() -> {}), new SharedCopies(digest -> {}));
        startOneThatHardlyLooks();
        attendant.taskStarts();
        attendant.answerExpected();
        attendant.join();
        assertThat(told.get()).isSameAs(full);
    }

    private record FailingSource(Error failure) implements Inbox.Source {
        @Override
        public List<ToProcess> read() {
            throw failure;
        }

        @Override
        public List<ToProcess> poll() {
            throw failure;
        }
    }

    private void leaveOutcome(long ordinal) {
        boolean left = outbox.outcome(
                ProcessOutcome.newBuilder().setOrdinal(ordinal).setRunNanos(1).build(), true);
        assertThat(left).isTrue();
        attendant.outcomeLeft();
    }

    private void order(long ordinal) throws IOException {
        daemon.say(ToProcess.newBuilder().addRuns(RunInProcess.newBuilder().setOrdinal(ordinal)));
    }

    private List<Long> nextOutcomes() throws IOException {
        return daemon.hear().stream()
                .flatMap(frame -> frame.getOutcomesList().stream())
                .map(ProcessOutcome::getOrdinal)
                .toList();
    }
}
