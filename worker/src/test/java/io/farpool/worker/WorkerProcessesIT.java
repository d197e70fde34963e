package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.EnvironmentVariable;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.SessionProblem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's processes: what they are started with, what is told when they die, and when they are replaced. */
class WorkerProcessesIT extends WholeWorker {
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
    void whatAProcessHadNotSentIsHeardWhenItHasDied() {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, "leave result");
        assertThat(coordinator.result(1)).isEqualTo("result");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scribble 8", "scribble -1", "scribble 1000000", "leave-file /etc/hostname"})
    void aProcessThatLeavesNonsenseHasDiedAllTheSame(String task) {
        start(1);
        coordinator.open(1, 1, SPEC);
        coordinator.run(1, 1, task);
        Loss loss = coordinator.outcome(1).getLoss();
        assertThat(loss.getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
        assertThat(loss.getExitCode()).isEqualTo(3);
        coordinator.run(1, 2, "echo after");
        assertThat(coordinator.result(2)).isEqualTo("after");
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
                        .addEnvironment(EnvironmentVariable.newBuilder()
                                .setName("GREETING")
                                .setValue("good day"))
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

    private static ProcessSpec initializedBy(String initializer) {
        return SPEC.toBuilder()
                .setInitializer(Payload.newBuilder().setInline(ByteString.copyFromUtf8(initializer)))
                .build();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + pid).start();
        assertThat(kill.waitFor()).isZero();
    }
}
