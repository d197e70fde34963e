package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Adoption;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptName;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionOpened;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.worker.process.ClassPathSource;
import io.grpc.Status;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole worker with real processes, its coordinator in the test's hands. */
class WorkerIT {
    private static final ProcessSpec SPEC =
            ProcessSpec.newBuilder().setMainClass(TestProcess.class.getName()).build();

    private final TestCoordinator coordinator = new TestCoordinator();
    private final Set<Path> directoriesBefore = new HashSet<>();
    private Worker worker;

    @BeforeEach
    void remember() throws IOException {
        directoriesBefore.addAll(directories());
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        worker.close();
        await(
                "the processes of this JVM to end",
                () -> ProcessHandle.current().children().findAny().isEmpty());
        Set<Path> left = new HashSet<>(directories());
        left.removeAll(directoriesBefore);
        assertThat(left).isEmpty();
    }

    @Test
    void aTaskRunsAndItsResultSaysWhere() {
        start(2);
        coordinator.open(1, 2, SPEC);
        coordinator.run(1, 1, "echo hello");
        Outcome outcome = coordinator.outcome(1);
        assertThat(outcome.getResult().getInline().toStringUtf8()).isEqualTo("hello");
        assertThat(outcome.getPlace().getHost()).isEqualTo("testhost");
        assertThat(outcome.getPlace().getPid()).isPositive();
        assertThat(outcome.getPlace().getAttempt()).isEqualTo(1);
    }

    @Test
    void tasksOneAfterTheOtherShareAProcessAndTasksAtOnceDoNot() {
        start(2);
        coordinator.open(1, 2, SPEC);
        Set<String> pids = new HashSet<>();
        for (int i = 1; i <= 3; i++) {
            coordinator.run(1, i, "pid");
            pids.add(coordinator.result(i));
        }
        assertThat(pids).hasSize(1);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 10, "sleep 1000"))
                .addRuns(TestCoordinator.aRun(1, 11, "sleep 1000")));
        assertThat(Set.of(
                        coordinator.outcome(10).getPlace().getPid(),
                        coordinator.outcome(11).getPlace().getPid()))
                .hasSize(2);
    }

    @Test
    void manyShortTasksAllComeBack() {
        start(2);
        coordinator.open(1, 2, SPEC);
        Order.Builder order = Order.newBuilder();
        for (int i = 1; i <= 5_000; i++) {
            order.addRuns(TestCoordinator.aRun(1, i, "echo " + i));
        }
        coordinator.order(order);
        for (int i = 1; i <= 5_000; i++) {
            assertThat(coordinator.result(i)).isEqualTo("" + i);
        }
    }

    @Test
    void aProcessThatExitsUnderATaskLosesThatTaskAloneWithItsCodeAndLastLines() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "echo before"))
                .addRuns(TestCoordinator.aRun(1, 2, "exit 3"))
                .addRuns(TestCoordinator.aRun(1, 3, "echo after")));
        assertThat(coordinator.result(1)).isEqualTo("before");
        Loss loss = coordinator.outcome(2).getLoss();
        assertThat(loss.getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
        assertThat(loss.getExited()).isTrue();
        assertThat(loss.getExitCode()).isEqualTo(3);
        assertThat(loss.getSignal()).isZero();
        assertThat(loss.getLastStderrLinesList()).contains("leaving with 3");
        assertThat(coordinator.result(3)).isEqualTo("after");
    }

    @Test
    void aKilledProcessIsToldWithItsSignal() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "sleep 60000");
        long pid = started(1);
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        Loss loss = coordinator.outcome(1).getLoss();
        assertThat(loss.getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
        assertThat(loss.getSignal()).isEqualTo(9);
        assertThat(loss.getExitCode()).isEqualTo(137);
        assertThat(loss.getMessage()).contains("SIGKILL");
    }

    @Test
    void aRunningTaskIsInterruptedByACancel() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "sleep 60000");
        long pid = started(1);
        coordinator.cancel(1);
        assertThat(coordinator.outcome(1).hasCancelled()).isTrue();
        coordinator.run(1, 2, "pid");
        assertThat(coordinator.result(2)).isEqualTo("" + pid);
    }

    @Test
    void aTaskThatDoesNotListenIsKilledAfterTheGraceAndThePoolGoesOn() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "spin"))
                .addRuns(TestCoordinator.aRun(1, 2, "echo next")));
        started(1);
        coordinator.cancel(1);
        assertThat(coordinator.outcome(1).hasCancelled()).isTrue();
        assertThat(coordinator.result(2)).isEqualTo("next");
    }

    @Test
    void aTaskThatRunsTooLongIsTimedOut() {
        start(1);
        coordinator.open(1, 1, SPEC);
        Run run = TestCoordinator.aRun(1, 1, "sleep 60000");
        coordinator.order(Order.newBuilder()
                .addRuns(run.toBuilder().setTask(run.getTask().toBuilder().setTimeoutMillis(100))));
        assertThat(coordinator.outcome(1).hasTimedOut()).isTrue();
    }

    @Test
    void whatAProcessWritesIsToldLineByLine() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "print grüße");
        assertThat(coordinator.result(1)).isEqualTo("printed");
        await("both lines", () -> coordinator.lines().size() >= 2);
        assertThat(coordinator.lines())
                .extracting(LogLine::getStderr, LogLine::getText)
                .containsExactlyInAnyOrder(tuple(false, "grüße"), tuple(true, "error: grüße"));
    }

    @Test
    void aProcessThatDiesBeforeItIsReadyIsAProblemOfTheSessionAndItsAttemptsComeBack() {
        start(1);
        coordinator.open(1, 1, initializedBy("exit 9"));
        coordinator.run(1, 1, "echo never");
        Report report = coordinator.await("problem", each -> each.getProblemsCount() > 0);
        SessionProblem problem = report.getProblems(0);
        assertThat(problem.getProcessNotReady().getCause()).isEqualTo(Loss.Cause.PROCESS_NOT_STARTED);
        assertThat(problem.getProcessNotReady().getExitCode()).isEqualTo(9);
        assertThat(problem.getProcessNotReady().getLastStderrLinesList()).contains("giving up before it has begun");
        coordinator.await("returned", each -> each.getReturnedList().contains(1L));
    }

    @Test
    void anInitializerThatThrowsIsToldAsThat() {
        start(1);
        coordinator.open(1, 1, initializedBy("throw no licence"));
        coordinator.run(1, 1, "echo never");
        Report report = coordinator.await("problem", each -> each.getProblemsCount() > 0);
        assertThat(report.getProblems(0).getInitializerThrew().getMessage()).isEqualTo("no licence");
        coordinator.await("returned", each -> each.getReturnedList().contains(1L));
    }

    @Test
    void aJavaHomeThatIsNotThereIsAProblemThatNamesIt() {
        start(1);
        coordinator.open(1, 1, SPEC.toBuilder().setJavaHome("/no/such/jdk").build());
        coordinator.run(1, 1, "echo never");
        Report report = coordinator.await("problem", each -> each.getProblemsCount() > 0);
        assertThat(report.getProblems(0).getProcessNotReady().getMessage()).contains("/no/such/jdk");
    }

    @Test
    void aProcessGetsTheSessionsOptionsAndEnvironmentAndItsOwnTemporaryDirectory() {
        start(1);
        coordinator.open(
                1,
                1,
                SPEC.toBuilder()
                        .addJvmOptions("-Dcolour=dark \"blue\"")
                        .putEnvironment("GREETING", "good day")
                        .build());
        coordinator.run(1, 1, "property colour");
        coordinator.run(1, 2, "environment GREETING");
        coordinator.run(1, 3, "directory");
        assertThat(coordinator.result(1)).isEqualTo("dark \"blue\"");
        assertThat(coordinator.result(2)).isEqualTo("good day");
        assertThat(Path.of(coordinator.result(3))).isDirectory();
    }

    @Test
    void aClassPathTooLongForACommandLineWorks() {
        String directory = "/no/such/directory/with \"quotes\" and \\ in it/";
        StringBuilder longest = new StringBuilder(System.getProperty("java.class.path"));
        while (longest.length() < 300_000) {
            longest.append(File.pathSeparator)
                    .append(directory)
                    .append(longest.length())
                    .append(".jar");
        }
        start(1, longest.toString());
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "echo here");
        assertThat(coordinator.result(1)).isEqualTo("here");
    }

    @Test
    void aFrozenProcessDelaysNobodyElse() throws IOException, InterruptedException {
        start(2);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "pid");
        long frozen = Long.parseLong(coordinator.result(1));
        signal("STOP", frozen);
        // Far more than the socket's buffers hold.
        String large = "echo " + "x".repeat(1_000_000);
        for (int i = 2; i < 6; i++) {
            coordinator.run(1, i, large);
        }
        coordinator.open(2, 1, SPEC);
        for (int i = 100; i < 120; i++) {
            coordinator.run(2, i, "echo " + i);
            assertThat(coordinator.result(i)).isEqualTo("" + i);
        }
        signal("CONT", frozen);
        for (int i = 2; i < 6; i++) {
            assertThat(coordinator.result(i)).hasSize(1_000_000);
        }
    }

    @Test
    void whatATaskHasForkedEndsWithItsProcess() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "fork");
        long forked = Long.parseLong(coordinator.result(1));
        assertThat(isAlive(forked)).isTrue();
        coordinator.close(1);
        await("the forked process to end", () -> !isAlive(forked));
    }

    @Test
    void maxTasksPerProcessReplacesProcesses() {
        start(1);
        coordinator.open(1, 1, SPEC.toBuilder().setMaxTasksPerProcess(3).build());
        Order.Builder order = Order.newBuilder();
        for (int i = 1; i <= 7; i++) {
            order.addRuns(TestCoordinator.aRun(1, i, "pid"));
        }
        coordinator.order(order);
        List<String> pids =
                Stream.iterate(1L, i -> i + 1).limit(7).map(coordinator::result).toList();
        assertThat(new HashSet<>(pids.subList(0, 3))).hasSize(1);
        assertThat(new HashSet<>(pids.subList(3, 6))).hasSize(1);
        assertThat(new HashSet<>(pids)).hasSize(3);
    }

    @Test
    void aProcessThatKeepsTooMuchMemoryAfterItsTaskIsReplaced() {
        worker = Worker.start(settings(1).withMaxProcessMemoryBytes(400L << 20), coordinator, classPath());
        coordinator.open(
                1,
                1,
                SPEC.toBuilder().addJvmOptions("-XX:MaxDirectMemorySize=1g").build());
        coordinator.run(1, 1, "pid");
        String first = coordinator.result(1);
        coordinator.run(1, 2, "keep 450");
        assertThat(coordinator.result(2)).isEqualTo(first);
        await("its end", () -> !isAlive(Long.parseLong(first)));
        coordinator.run(1, 3, "pid");
        assertThat(coordinator.result(3)).isNotEqualTo(first);
    }

    @Test
    void anIdleProcessMakesRoomForAnotherSession() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.open(2, 1, SPEC);
        coordinator.run(1, 1, "pid");
        String first = coordinator.result(1);
        coordinator.run(2, 2, "pid");
        assertThat(coordinator.result(2)).isNotEqualTo(first);
        assertThat(isAlive(Long.parseLong(first))).isFalse();
    }

    @Test
    void aDrainFinishesWhatRunsReturnsWhatWaitsAndEnds() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "sleep 300"))
                .addRuns(TestCoordinator.aRun(1, 2, "echo never")));
        started(1);
        CompletableFuture<Void> drain = CompletableFuture.runAsync(() -> worker.drain(Duration.ofSeconds(10)));
        assertThat(coordinator.result(1)).isEqualTo("slept");
        coordinator.await("returned", each -> each.getReturnedList().contains(2L));
        coordinator.await("draining", Report::getDraining);
        assertThat(drain).isNotDone();
        coordinator.order(Order.newBuilder().addAcknowledged(1));
        drain.join();
        assertThat(worker.terminated().toCompletableFuture()).isCompleted();
    }

    @Test
    void aDrainThatRunsOutOfTimeLosesWhatStillRunsWithTheHost() {
        worker = Worker.start(settings(1).withAcknowledgementWait(Duration.ZERO), coordinator, classPath());
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "sleep 60000");
        started(1);
        worker.drain(Duration.ofMillis(50));
        assertThat(coordinator.outcome(1).getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
    }

    @Test
    void aBrokenStreamCostsNothing() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "sleep 700");
        started(1);
        coordinator.forgetReports();
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList()).extracting(AttemptHeld::getRunning).containsExactly(true);
        assertThat(coordinator.reports().get(0).getHello().getEpoch()).isEqualTo(7);
        assertThat(coordinator.result(1)).isEqualTo("slept");
    }

    @Test
    void aTaskRunsOnWhileItsCoordinatorIsReplacedAndTheNextOneAdoptsIt() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.order(Order.newBuilder()
                .addRuns(TestCoordinator.aRun(1, 1, "sleep 700"))
                .addRuns(TestCoordinator.aRun(1, 2, "pid")));
        String pid = "" + started(1);
        coordinator.forgetReports();
        coordinator.epoch = 8;
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList())
                .extracting(AttemptHeld::getEpoch, AttemptHeld::getAttempt)
                .containsExactly(tuple(7L, 1L), tuple(7L, 2L));
        coordinator.await("load", Report::hasLoad);
        coordinator.order(Order.newBuilder()
                .addSessionsOpened(SessionOpened.newBuilder().setSession(5).setSessionId("session1"))
                .addAdopted(adoption(7, 1, 100))
                .addAdopted(adoption(7, 2, 101)));
        assertThat(coordinator.result(100)).isEqualTo("slept");
        assertThat(coordinator.result(101)).isEqualTo(pid);
    }

    private static Adoption adoption(long epoch, long attempt, long number) {
        return Adoption.newBuilder()
                .setHeld(AttemptName.newBuilder().setEpoch(epoch).setAttempt(attempt))
                .setAttempt(number)
                .build();
    }

    @Test
    void anOutcomeThatIsNotAcknowledgedIsToldAgainOnTheNextStream() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "echo kept");
        coordinator.run(1, 2, "echo forgotten");
        coordinator.result(1);
        coordinator.result(2);
        coordinator.order(Order.newBuilder().addAcknowledged(2));
        coordinator.forgetReports();
        coordinator.breakStream(Status.UNAVAILABLE);
        Report state = coordinator.await("state", Report::getStateComplete);
        assertThat(state.getAttemptsList()).hasSize(1);
        assertThat(state.getAttempts(0)
                        .getOutcome()
                        .getOutcome()
                        .getResult()
                        .getInline()
                        .toStringUtf8())
                .isEqualTo("kept");
    }

    @Test
    void closingEndsProcessesThatRun() {
        start(2);
        coordinator.open(1, 2, SPEC);
        coordinator.run(1, 1, "spin");
        coordinator.run(1, 2, "fork");
        long spinning = started(1);
        long forked = Long.parseLong(coordinator.result(2));
        worker.close();
        await("both to end", () -> !isAlive(spinning) && !isAlive(forked));
    }

    private void start(int slots) {
        start(slots, System.getProperty("java.class.path"));
    }

    private void start(int slots, String classPath) {
        worker = Worker.start(settings(slots), coordinator, classPath(classPath));
    }

    private static WorkerSettings settings(int slots) {
        return WorkerSettings.defaults()
                .withName("testhost")
                .withSlots(slots)
                .withKillGrace(Duration.ofMillis(300))
                .withMemoryShare(0.02);
    }

    private static ClassPathSource classPath() {
        return classPath(System.getProperty("java.class.path"));
    }

    private static ClassPathSource classPath(String joined) {
        List<Path> entries =
                Stream.of(joined.split(File.pathSeparator)).map(Path::of).toList();
        return (session, bundle) -> CompletableFuture.completedFuture(entries);
    }

    private static ProcessSpec initializedBy(String initializer) {
        return SPEC.toBuilder()
                .setInitializer(Payload.newBuilder().setInline(ByteString.copyFromUtf8(initializer)))
                .build();
    }

    /** Its process's pid, once it is reported as started. */
    private long started(long attempt) {
        return coordinator
                .await("started " + attempt, report -> report.getStartedList().stream()
                        .anyMatch(started -> started.getAttempt() == attempt))
                .getStartedList()
                .stream()
                .filter(started -> started.getAttempt() == attempt)
                .findFirst()
                .orElseThrow()
                .getPid();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + pid).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** A dead process that nobody has waited for yet does not count as alive. */
    private static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException gone) {
            return false;
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 20 s for " + what);
            }
            Thread.onSpinWait();
        }
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            String own = "farpool-" + ProcessHandle.current().pid() + "-";
            return all.filter(path -> path.getFileName().toString().startsWith(own))
                    .toList();
        }
    }
}
