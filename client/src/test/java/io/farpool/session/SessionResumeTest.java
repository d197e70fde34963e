package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.BrokenExecutorException;
import io.farpool.TaskOptions;
import io.farpool.bundle.ClassPathBundle;
import io.farpool.codec.PayloadCodec;
import io.farpool.contract.Await;
import io.farpool.proto.v1.OpenRequest;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.wire.Protocol;
import io.grpc.Status;
import java.io.Serializable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole session over gRPC, whose coordinator breaks its streams, dies, and comes back without its memory. */
@Timeout(120)
class SessionResumeTest {
    private static final int TASKS = 2_000;
    private static final TaskOptions ONCE = TaskOptions.defaults().attempts(1);

    @TempDir
    Path shipped;

    private final RestartingCoordinator coordinator = new RestartingCoordinator();
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private volatile boolean codeIsBroken;
    private final AtomicInteger submitsToBreak = new AtomicInteger();
    private Session session;

    @BeforeEach
    void start() throws Exception {
        coordinator.start();
    }

    @AfterEach
    void end() throws Exception {
        if (session != null) {
            session.endNow(true, new IllegalStateException("the test is over"));
            assertThat(session.awaitEnded(TimeUnit.SECONDS.toNanos(30))).isTrue();
        }
        coordinator.close();
        disk.shutdown();
    }

    @Test
    void itGoesOnHoweverItsStreamsBreak() throws Exception {
        connect(Duration.ofMinutes(1));
        coordinator.runsPerBreak = 250;
        coordinator.breaks = List.of(
                Status.UNAVAILABLE,
                Status.INTERNAL,
                Status.CANCELLED,
                Status.NOT_FOUND,
                Status.ABORTED,
                Status.FAILED_PRECONDITION,
                Status.UNKNOWN,
                Status.DEADLINE_EXCEEDED);
        expectResults(submitAll());
        assertThat(coordinator.opens().size()).isGreaterThan(5);
        expectOneRunEach();
        expectOrderlyEnd();
    }

    @Test
    void itGoesOnAtCoordinatorsWithoutMemoryAndNothingRunsTwice() throws Exception {
        connect(Duration.ofMinutes(1));
        List<TaskFuture<Integer>> futures = submitAll();
        for (int restart = 1; restart <= 3; restart++) {
            int some = restart * TASKS / 5;
            Await.until("some have run", () -> coordinator.totalRuns() >= some);
            coordinator.kill();
            coordinator.start();
        }
        expectResults(futures);
        List<OpenRequest> opens = coordinator.opens();
        assertThat(opens).hasSizeGreaterThanOrEqualTo(4);
        assertThat(opens.get(0).getResuming()).isFalse();
        assertThat(opens.subList(1, opens.size())).allSatisfy(open -> {
            assertThat(open.getResuming()).isTrue();
            assertThat(open.getSessionId()).isEqualTo(session.id());
            assertThat(open.getSessionSecret()).isEqualTo(opens.get(0).getSessionSecret());
            assertThat(open.getKnownHostsList()).containsExactly(ServedSession.HOST);
        });
        assertThat(coordinator.codeProvided)
                .as("what is there is not read again")
                .isEqualTo(1);
        expectOneRunEach();
        expectOrderlyEnd();
    }

    @Test
    void whatIsSubmittedAndCancelledWhileThereIsNoCoordinatorCounts() throws Exception {
        connect(Duration.ofMinutes(1));
        coordinator.hostIsStopped = true;
        TaskFuture<Integer> cancelled = session.submit(new Square(1), TaskOptions.defaults());
        TaskFuture<Integer> kept = session.submit(new Square(2), TaskOptions.defaults());
        Await.until("both have arrived", () -> coordinator.submitted() == 2);
        coordinator.kill();
        coordinator.hostIsStopped = false;
        assertThat(cancelled.cancel(true)).isTrue();
        TaskFuture<Integer> later = session.submit(new Square(3), TaskOptions.defaults());
        coordinator.start();
        assertThat(kept.get(30, TimeUnit.SECONDS)).isEqualTo(4);
        assertThat(later.get(30, TimeUnit.SECONDS)).isEqualTo(9);
        expectOrderlyEnd();
        assertThat(coordinator.cancels).isNotEmpty().allMatch(cancel -> cancel.getSequence() == 1);
        assertThat(coordinator.runs.keySet()).containsExactlyInAnyOrder(2L, 3L);
    }

    @Test
    void itsCodeIsProvidedAgainToACoordinatorThatHasLostIt() throws Exception {
        coordinator.codeIsLostAtRestart = true;
        connect(Duration.ofMinutes(1));
        assertThat(session.submit(new Square(4), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(16);
        coordinator.kill();
        coordinator.start();
        assertThat(session.submit(new Square(5), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(25);
        assertThat(coordinator.codeProvided).isEqualTo(2);
        assertThat(coordinator.opens()).extracting(OpenRequest::getResuming).startsWith(false, true, true);
    }

    @Test
    void itBeginsAnewAtACoordinatorWhoseFirstAnswerWasLost() throws Exception {
        connect(Duration.ofMinutes(1));
        assertThat(session.submit(new Square(4), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(16);
        coordinator.kill();
        coordinator.openAnswersToLose = 1;
        coordinator.start();
        assertThat(session.submit(new Square(5), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(25);
        expectOrderlyEnd();
    }

    @Test
    void aCoordinatorThatStaysAwayBreaksItInTheEnd() throws Exception {
        connect(Duration.ofMillis(700));
        coordinator.hostIsStopped = true;
        TaskFuture<Integer> future = session.submit(new Square(1), TaskOptions.defaults());
        Await.until("it has arrived", () -> coordinator.submitted() == 1);
        long killedNanos = System.nanoTime();
        coordinator.kill();
        assertThat(future.exception(Duration.ofSeconds(30)))
                .isInstanceOf(BrokenExecutorException.class)
                .hasMessageContaining(coordinator.target())
                .hasMessageContaining("700 ms");
        assertThat(System.nanoTime() - killedNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(session.brokenBecause()).isInstanceOf(BrokenExecutorException.class);
    }

    @Test
    void streamsThatNeverStayBreakItInTheEnd() throws Exception {
        connect(Duration.ofMillis(700));
        coordinator.hostIsStopped = true;
        TaskFuture<Integer> future = session.submit(new Square(1), TaskOptions.defaults());
        while (!future.isDone()) {
            boolean ignored = coordinator.breakStreams(Status.UNAVAILABLE);
            future.awaitDone(1);
        }
        assertThat(future.exception(Duration.ZERO))
                .isInstanceOf(BrokenExecutorException.class)
                .hasMessageContaining("700 ms");
    }

    @Test
    void aStatusThatWouldComeAgainBreaksItAtOnce() throws Exception {
        connect(Duration.ofMinutes(10));
        coordinator.hostIsStopped = true;
        TaskFuture<Integer> future = session.submit(new Square(1), TaskOptions.defaults());
        Await.until("it has arrived", () -> coordinator.submitted() == 1);
        Status refusal = Status.INVALID_ARGUMENT.withDescription("a bug of the client's");
        // The tasks may arrive before the other stream does.
        Await.until("a stream breaks", () -> coordinator.breakStreams(refusal));
        assertThat(future.exception(Duration.ofSeconds(30)))
                .isInstanceOf(BrokenExecutorException.class)
                .hasMessageContaining("a bug of the client's");
        assertThat(coordinator.opens()).hasSize(1);
    }

    /** Its streams end when the next try is there, which must not have the session opened once more, and again. */
    @Test
    void aTryThatFailsOnceItWasAcceptedIsMadeGoodByTheNext() throws Exception {
        connect(Duration.ofMinutes(1));
        assertThat(session.submit(new Square(4), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(16);
        submitsToBreak.set(1);
        coordinator.kill();
        coordinator.start();
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500); // ten times the pause before a try
        do {
            assertThat(session.submit(new Square(5), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                    .isEqualTo(25);
        } while (System.nanoTime() < endNanos);
        assertThat(submitsToBreak.get()).isZero();
        assertThat(coordinator.opens()).hasSize(3);
        expectOrderlyEnd();
    }

    @Test
    void whatCannotBeDoneHereBreaksItAtOnce() throws Exception {
        codeIsBroken = true;
        connect(Duration.ofMinutes(10));
        expectBroken(session.submit(new Square(1), TaskOptions.defaults()));
        assertThat(coordinator.opens()).isEmpty();
    }

    @Test
    void whatCannotBeDoneHereAnyMoreBreaksItAtOnce() throws Exception {
        coordinator.codeIsLostAtRestart = true;
        connect(Duration.ofMinutes(10));
        assertThat(session.submit(new Square(4), TaskOptions.defaults()).get(30, TimeUnit.SECONDS))
                .isEqualTo(16);
        codeIsBroken = true;
        coordinator.kill();
        coordinator.start();
        expectBroken(session.submit(new Square(5), TaskOptions.defaults()));
    }

    private static void expectBroken(TaskFuture<Integer> future) throws Exception {
        assertThat(future.exception(Duration.ofSeconds(30)))
                .isInstanceOf(BrokenExecutorException.class)
                .hasMessageContaining("NoClassDefFoundError: of the client's")
                .hasCauseInstanceOf(NoClassDefFoundError.class);
    }

    // ------------------------------------------------------------------------------------------------ parts

    private void connect(Duration coordinatorLossTimeout) {
        PayloadDirectory directory = new PayloadDirectory();
        session = new Session(
                new SessionSettings(
                        "test", ProcessSpec.getDefaultInstance(), 1, Duration.ofSeconds(30), coordinatorLossTimeout),
                threads -> thatMayBreak(
                        GrpcConnection.to(coordinator.target(), ClassPathBundle.of(List.of(shipped)), disk)),
                new PayloadCodec(coordinator.codec, directory, Protocol.MAX_INLINE_PAYLOAD_BYTES),
                directory,
                new LogDelivery(line -> {}),
                new KeepAlive("keeping-alive"));
    }

    private Connection thatMayBreak(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (codeIsBroken && method.getName().equals("provideCode")) {
                        throw new NoClassDefFoundError("of the client's");
                    }
                    if (method.getName().equals("submit") && submitsToBreak.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        throw new OutOfMemoryError("unable to create native thread, as the test wants it");
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    /** Every tenth at most once. */
    private List<TaskFuture<Integer>> submitAll() {
        List<TaskFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            futures.add(session.submit(new Square(i), i % 10 == 0 ? ONCE : TaskOptions.defaults()));
        }
        return futures;
    }

    private static void expectResults(List<TaskFuture<Integer>> futures) throws Exception {
        for (int i = 0; i < futures.size(); i++) {
            try {
                assertThat(futures.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(i * i);
            } catch (ExecutionException e) {
                throw new AssertionError("task " + i + " of " + futures.size(), e);
            }
        }
    }

    private void expectOneRunEach() {
        synchronized (coordinator) {
            assertThat(coordinator.runs).hasSize(TASKS);
            assertThat(coordinator.runs.values()).allMatch(runs -> runs == 1);
            assertThat(coordinator.grantsGiven).isGreaterThanOrEqualTo(TASKS / 10);
        }
    }

    private void expectOrderlyEnd() throws Exception {
        assertThat(session.brokenBecause()).isNull();
        session.closeWhenDone();
        assertThat(session.awaitEnded(TimeUnit.SECONDS.toNanos(30))).isTrue();
        assertThat(session.brokenBecause()).isNull();
        synchronized (coordinator) {
            assertThat(coordinator.violations).isEmpty();
        }
    }

    private record Square(int of) implements Callable<Integer>, Serializable {
        @Override
        public Integer call() {
            return of * of;
        }
    }
}
