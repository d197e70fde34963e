package io.farpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A worker's tasks: how they run and are stopped, what they print, and how it drains and closes. */
class WorkerIT extends WholeWorker {
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
}
