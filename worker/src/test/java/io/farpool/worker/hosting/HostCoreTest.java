package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.LogLine;
import io.farpool.proto.v1.LogTaken;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.QuotaConfirmed;
import io.farpool.proto.v1.Report;
import io.farpool.proto.v1.Run;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionLog;
import io.farpool.proto.v1.SessionProblem;
import io.farpool.proto.v1.Startup;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HostCoreTest extends HostStage {
    // ------------------------------------------------------------------------------------ processes on demand

    @Test
    void noProcessIsStartedBeforeThereIsSomethingToRun() {
        attach();
        open(1, 2);
        assertThat(launched()).isEmpty();
    }

    @Test
    void theClassPathIsResolvedOnceBeforeTheFirstLaunch() {
        attach();
        open(1, 2);
        run(1, 10, 11);
        assertThat(taken(HostDecision.ResolveClassPath.class)).hasSize(1);
        assertThat(launched()).isEmpty();
        core.classPathResolved("s1", List.of("/a.jar", "/b.jar"));
        settle();
        assertThat(taken(HostDecision.Launch.class)).hasSize(2).allSatisfy(launch -> assertThat(launch.classPath())
                .containsExactly("/a.jar", "/b.jar"));
    }

    @Test
    void tasksOneAfterTheOtherUseOneProcess() {
        ready(1, 2);
        for (int i = 1; i <= 3; i++) {
            run(1, i);
            assertThat(sentTo(1)).containsExactly((long) i);
            ended(1, i, 20 * MICROSECOND);
        }
        assertThat(launched()).isEmpty();
    }

    @Test
    void manyTasksUseAsManyProcessesAsTheQuotaAndTheSlotsAllow() {
        limits(HostLimits.defaults(4));
        attach();
        open(1, 3);
        run(1, 1, 2, 3, 4, 5, 6);
        resolve(1);
        assertThat(launched()).containsExactly(1L, 2L, 3L);
        limits(HostLimits.defaults(2));
        attach();
        open(1, 3);
        run(1, 1, 2, 3, 4, 5, 6);
        resolve(1);
        assertThat(launched()).containsExactly(1L, 2L);
    }

    @Test
    void anIdleProcessIsEndedAfterAWhile() {
        ready(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        pass(59_000);
        assertThat(stopped()).isEmpty();
        pass(1_001);
        assertThat(stopped()).containsExactly(1L);
        exit(1, 1, 0);
        run(1, 2);
        assertThat(launched()).containsExactly(2L);
    }

    @Test
    void aProcessThatDoesNotStopWhenAskedIsKilled() {
        ready(1, 1);
        pass(60_001);
        assertThat(stopped()).containsExactly(1L);
        pass(2_001);
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void theLongestIdleProcessMakesRoomAndTheOtherSessionWaitsForItsExit() {
        ready(1, 1);
        ready(2, 1);
        run(2, 50);
        ended(2, 1, MILLISECOND);
        open(3, 1);
        run(3, 60);
        resolve(3);
        assertThat(stopped()).containsExactly(1L);
        assertThat(launched()).isEmpty();
        exit(1, 0, 0);
        assertThat(launched()).containsExactly(3L);
    }

    @Test
    void aBusyProcessMakesNoRoom() {
        ready(1, 1);
        ready(2, 1);
        run(1, 1);
        run(2, 2);
        open(3, 1);
        run(3, 3);
        resolve(3);
        assertThat(stopped()).isEmpty();
        ended(2, 1, MILLISECOND);
        assertThat(stopped()).containsExactly(2L);
        exit(2, 1, 0);
        assertThat(launched()).containsExactly(3L);
    }

    @Test
    void aWornOutProcessIsReplaced() {
        attach();
        core.order(Order.newBuilder()
                .addSessionsOpened(opened(1).setProcess(ProcessSpec.newBuilder().setMaxTasksPerProcess(2)))
                .addQuotas(quota(1, 1))
                .build());
        run(1, 1, 2, 3);
        resolve(1);
        assertThat(launched()).containsExactly(1L);
        becomeReady(1);
        assertThat(sentTo(1)).containsExactly(1L);
        ended(1, 1, MICROSECOND);
        assertThat(sentTo(1)).containsExactly(2L);
        ended(1, 2, MICROSECOND);
        assertThat(stopped()).containsExactly(1L);
        assertThat(launched()).isEmpty();
        exit(1, 2, 0);
        assertThat(launched()).containsExactly(2L);
        becomeReady(2);
        assertThat(sentTo(2)).containsExactly(1L);
    }

    @Test
    void whatStartsAllAtOnceIsStartedOnceForEachQuotaAndReplacedOnDemand() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(opened(1).setProcess(ProcessSpec.newBuilder().setStartup(Startup.ALL_AT_ONCE)))
                .addQuotas(quota(1, 2)));
        resolve(1);
        assertThat(launched()).containsExactly(1L, 2L);
        becomeReady(1);
        becomeReady(2);
        pass(60_001);
        assertThat(stopped()).containsExactlyInAnyOrder(1L, 2L);
        exit(1, 0, 0);
        exit(2, 0, 0);
        assertThat(launched()).isEmpty();
        run(1, 1);
        assertThat(launched()).containsExactly(3L);
    }

    @Test
    void aProcessStartedAheadThatDiesBeforeItIsReadyIsNotStartedAgainUnasked() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(opened(1).setProcess(ProcessSpec.newBuilder().setStartup(Startup.ALL_AT_ONCE)))
                .addQuotas(quota(1, 1)));
        resolve(1);
        assertThat(launched()).containsExactly(1L);
        exit(1, 0, 1);
        assertThat(launched()).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ the quota

    @Test
    void aQuotaIsConfirmedAtOnceWhenItIsKept() {
        attach();
        open(1, 2);
        assertThat(confirmed()).containsExactly(2);
    }

    @Test
    void aLowerQuotaIsConfirmedWhenTheProcessesBeyondItHaveExited() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        confirmed();
        order(Order.newBuilder().addQuotas(quota(1, 1)));
        assertThat(confirmed()).isEmpty();
        run(1, 3);
        ended(1, 1, MILLISECOND);
        ended(2, 1, MILLISECOND);
        List<Long> stopped = stopped();
        assertThat(stopped).hasSize(1);
        assertThat(confirmed()).isEmpty();
        exit(stopped.get(0), 1, 0);
        assertThat(confirmed()).containsExactly(1);
    }

    @Test
    void aQuotaOfNoneEndsIdleProcessesAtOnce() {
        ready(1, 1);
        confirmed();
        order(Order.newBuilder().addQuotas(quota(1, 0)));
        assertThat(stopped()).containsExactly(1L);
        exit(1, 0, 0);
        assertThat(confirmed()).containsExactly(0);
    }

    @Test
    void aConfirmationRepeatsTheRevisionOfTheQuotaItAnswers() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(opened(1))
                .addQuotas(quota(1, 2).setRevision(7)));
        assertThat(heard().stream().flatMap(report -> report.getQuotasConfirmedList().stream()))
                .extracting(QuotaConfirmed::getRevision)
                .containsExactly(7);
    }

    @Test
    void theEndOfAClosedSessionIsConfirmedWhenItsLastProcessHasExited() {
        ready(1, 1);
        confirmed();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(confirmed()).isEmpty();
        exit(1, 0, 0);
        assertThat(confirmed()).containsExactly(0);
    }

    @Test
    void theEndOfAClosedSessionWithoutProcessesIsConfirmedAtOnce() {
        attach();
        open(1, 2);
        confirmed();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(confirmed()).containsExactly(0);
    }

    // ------------------------------------------------------------------------------------------------- output

    @Test
    void whatAProcessWritesLastIsToldBeforeTheEndOfItsSessionIsConfirmed() {
        ready(1, 1);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        core.wrote(1, List.of(line("the last")));
        exit(1, 0, 0);
        Report report = taken(HostDecision.Tell.class).get(0).report();
        assertThat(report.getLogs(0).getLinesList()).containsExactly(line("the last"));
        assertThat(report.getQuotasConfirmedCount()).isEqualTo(1);
    }

    @Test
    void pastTheWindowLinesWaitUntilOthersHaveBeenTakenAlsoWhenTheSessionHasEnded() {
        ready(1, 1);
        core.wrote(1, List.of(line("x".repeat((int) Processes.LOG_WINDOW_BYTES / 2))));
        assertThat(core.takesLines(1)).isTrue();
        core.wrote(1, List.of(line("x".repeat((int) Processes.LOG_WINDOW_BYTES / 2))));
        assertThat(core.takesLines(1)).isFalse();
        settle();
        long bytes = taken(HostDecision.Tell.class).stream()
                .flatMap(tell -> tell.report().getLogsList().stream())
                .mapToLong(SessionLog::getBytes)
                .sum();
        assertThat(bytes).isGreaterThanOrEqualTo(Processes.LOG_WINDOW_BYTES);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(core.takesLines(1)).isFalse();
        order(Order.newBuilder()
                .addLogsTaken(LogTaken.newBuilder().setSession(1).setBytes(bytes)));
        assertThat(core.takesLines(1)).isTrue();
    }

    @Test
    void linesThatCannotBeToldAreCounted() {
        ready(1, 1);
        core.detached();
        core.wrote(1, List.of(line("lost"), line("lost too")));
        attach();
        core.wrote(1, List.of(line("told")));
        settle();
        assertThat(taken(HostDecision.Tell.class).stream()
                        .flatMap(tell -> tell.report().getLogsList().stream())
                        .flatMap(log -> log.getLinesList().stream()))
                .containsExactly(line("told").toBuilder().setDroppedBefore(2).build());
    }

    private static LogLine line(String text) {
        return LogLine.newBuilder().setText(text).build();
    }

    // --------------------------------------------------------------------------------------------- pipelining

    @Test
    void tasksOfUnknownLengthAreSentOneAtATime() {
        ready(1, 1);
        run(1, 1, 2, 3);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void tasksOfMicrosecondsAreSentByTheHundred() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, LongStream.rangeClosed(100, 999).toArray());
        assertThat(sentTo(1)).hasSize(256);
    }

    @Test
    void oneTaskOfMillisecondsIsSentAheadAndNoneOfLongOnes() {
        ready(1, 1);
        learn(1, 20 * MILLISECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).hasSize(2);
        limits(HostLimits.defaults(1));
        ready(1, 1);
        learn(1, 80 * MILLISECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).hasSize(1);
    }

    @Test
    void tasksAreSpreadOverTheProcesses() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        ended(1, 1, 10 * MICROSECOND);
        ended(2, 1, 10 * MICROSECOND);
        sentTo(1);
        sentTo(2);
        run(1, LongStream.rangeClosed(100, 119).toArray());
        assertThat(sentTo(1)).hasSize(10);
        assertThat(sentTo(2)).hasSize(10);
    }

    @Test
    void largePayloadsAreNotSentAhead() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        Order.Builder order = Order.newBuilder();
        for (int i = 0; i < 5; i++) {
            order.addRuns(aRun(1, 100 + i, 700_000));
        }
        order(order);
        assertThat(sentTo(1)).hasSize(2);
    }

    @Test
    void whatStandsBehindASlowTaskIsTakenBackForWhoeverIsFreeFirst() {
        limits(HostLimits.defaults(1));
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101, 102);
        assertThat(sentTo(1)).containsExactly(2L, 3L, 4L);
        markerAt(1, 2);
        pass(11);
        assertThat(withdrawn(1)).containsExactly(3L, 4L);
        handBack(1, 3, 4);
        assertThat(sentTo(1)).as("not while it runs the slow one").isEmpty();
        ended(1, 2, 30 * MILLISECOND);
        assertThat(sentTo(1)).isNotEmpty();
    }

    @Test
    void anIdleProcessTakesFromABusyOne() {
        ready(1, 2);
        run(1, 1, 2);
        becomeReady(2);
        ended(1, 1, 10 * MILLISECOND);
        ended(2, 1, 10 * MILLISECOND);
        run(1, 100, 101, 102, 103);
        assertThat(sentTo(1)).hasSize(3);
        ended(2, 2, 10 * MILLISECOND);
        ended(2, 3, 10 * MILLISECOND);
        assertThat(withdrawn(1)).containsExactly(3L);
        handBack(1, 3);
        assertThat(sentTo(2)).contains(4L);
    }

    // ------------------------------------------------------------------------------------------------- deaths

    @Test
    void aDeathIsBlamedOnTheTaskThatRanAndOnNoOther() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101, 102, 103);
        outcomes();
        // 100 ended and could not say so; 101 ran; 102 and 103 had not started.
        exit(1, 3, 137);
        List<AttemptOutcome> told = outcomes();
        assertThat(told).extracting(AttemptOutcome::getAttempt).containsExactly(100L, 101L);
        assertThat(told.get(0).getOutcome().getLoss().getCause()).isEqualTo(Loss.Cause.HOST_LOST);
        Loss suspect = told.get(1).getOutcome().getLoss();
        assertThat(suspect.getCause()).isEqualTo(Loss.Cause.PROCESS_DIED);
        assertThat(suspect.getExitCode()).isEqualTo(137);
        assertThat(suspect.getSignal()).isEqualTo(9);
        assertThat(suspect.getLastStderrLinesList()).containsExactly("last words");
        assertThat(launched()).containsExactly(2L);
        becomeReady(2);
        assertThat(sentTo(2)).containsExactly(1L, 2L);
    }

    @Test
    void requeuedTasksRunBeforeThoseThatCameLater() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, LongStream.rangeClosed(100, 400).toArray());
        exit(1, 2, 1);
        becomeReady(2);
        HostDecision.Send send = taken(HostDecision.Send.class).stream()
                .filter(each -> each.message().getRunsCount() > 0 && each.process() == 2)
                .findFirst()
                .orElseThrow();
        assertThat(send.message().getRuns(0).getSequence()).isEqualTo(101);
    }

    @Test
    void aProcessThatDiesBeforeItIsReadyIsAProblemAndTheQueueGoesBack() {
        attach();
        open(1, 1);
        run(1, 1, 2);
        resolve(1);
        exit(1, 0, 1);
        SessionProblem problem = problems().get(0);
        assertThat(problem.getProcessNotReady().getExitCode()).isEqualTo(1);
        assertThat(returned()).containsExactly(1L, 2L);
        assertThat(launched()).containsExactly(1L);
    }

    @Test
    void aProcessThatNeverConnectsIsKilledAndIsAProblem() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        pass(60_001);
        assertThat(killed()).containsExactly(1L);
        exit(1, 0, 137);
        assertThat(problems()).hasSize(1);
        assertThat(returned()).containsExactly(1L);
    }

    @Test
    void anInitializerThatThrowsBreaksTheSessionHere() {
        attach();
        open(1, 1);
        run(1, 1);
        resolve(1);
        hello(1);
        say(1, FromProcess.newBuilder().setPrepareFailed(Failure.newBuilder().setMessage("no licence")));
        assertThat(problems().get(0).getInitializerThrew().getMessage()).isEqualTo("no licence");
        assertThat(returned()).containsExactly(1L);
        run(1, 2);
        assertThat(returned()).containsExactly(2L);
        exit(1, 0, 0);
        assertThat(problems()).isEmpty();
    }

    @Test
    void codeThatCannotBeHadIsAProblemAndIsAskedForAgainWithTheNextTask() {
        attach();
        open(1, 1);
        run(1, 1);
        taken(HostDecision.ResolveClassPath.class);
        core.classPathFailed("s1", "b.jar is missing");
        settle();
        assertThat(problems().get(0).getCodeUnavailable().getMessage()).isEqualTo("b.jar is missing");
        assertThat(returned()).containsExactly(1L);
        run(1, 2);
        assertThat(taken(HostDecision.ResolveClassPath.class)).hasSize(1);
    }

    @Test
    void codeThatWantsANewerJdkIsRefused() {
        attach();
        order(Order.newBuilder()
                .addSessionsOpened(opened(1).setProcess(ProcessSpec.newBuilder().setClassFileMajorVersion(69)))
                .addQuotas(quota(1, 1)));
        run(1, 1);
        assertThat(problems().get(0).getCodeUnavailable().getMessage())
                .contains("JDK 25")
                .contains("JDK 17");
        assertThat(returned()).containsExactly(1L);
    }

    // -------------------------------------------------------------------------------- cancels, recalls, time-outs

    @Test
    void aWaitingTaskThatIsCancelledEndsAtOnce() {
        ready(1, 1);
        run(1, 1, 2);
        cancel(2, false);
        assertThat(outcome(2).hasCancelled()).isTrue();
        ended(1, 1, MILLISECOND);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void aTaskThatIsCancelledBeforeItStartsComesBackFromItsProcess() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101);
        cancel(101, false);
        assertThat(withdrawn(1)).containsExactly(3L);
        handBack(1, 3);
        assertThat(outcome(101).hasCancelled()).isTrue();
        assertThat(interrupted(1)).isEmpty();
    }

    @Test
    void aRunningTaskIsLeftAloneUnlessTheCancelSaysOtherwise() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        cancel(1, false);
        assertThat(interrupted(1)).isEmpty();
        cancel(1, true);
        assertThat(interrupted(1)).containsExactly(1L);
        pass(1_999);
        assertThat(killed()).isEmpty();
        pass(2);
        assertThat(killed()).containsExactly(1L);
        exit(1, 1, 137);
        assertThat(outcome(1).hasCancelled()).isTrue();
        assertThat(outcome(1).getPlace().getPid()).isEqualTo(1_001);
    }

    @Test
    void aCancelledTaskThatEndsInTimeSparesItsProcess() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        cancel(1, true);
        ended(1, 1, 5 * MILLISECOND);
        assertThat(outcome(1).hasCancelled()).isTrue();
        pass(5_000);
        assertThat(killed()).isEmpty();
    }

    @Test
    void theGraceOfATaskThatHasNotStartedBeginsWhenItDoes() {
        ready(1, 1);
        learn(1, 2 * MICROSECOND);
        run(1, 100, 101);
        markerAt(1, 2);
        cancel(101, true);
        pass(10_000);
        assertThat(killed()).as("another task runs there").isEmpty();
    }

    @Test
    void aTaskThatRunsTooLongIsInterruptedThenKilledAndTimedOut() {
        ready(1, 1);
        Run run = aRun(1, 1, 0);
        order(Order.newBuilder()
                .addRuns(run.toBuilder().setTask(run.getTask().toBuilder().setTimeoutMillis(500))));
        markerAt(1, 1);
        pass(499);
        assertThat(interrupted(1)).isEmpty();
        pass(1);
        assertThat(interrupted(1)).containsExactly(1L);
        pass(2_000);
        assertThat(killed()).containsExactly(1L);
        exit(1, 1, 137);
        assertThat(outcome(1).hasTimedOut()).isTrue();
    }

    @Test
    void aRecalledTaskThatWaitsIsHandedBackAndOneThatRunsIsNot() {
        ready(1, 1);
        run(1, 1, 2);
        markerAt(1, 1);
        order(Order.newBuilder().addRecalls(1).addRecalls(2).addRecalls(99));
        assertThat(returned()).containsExactly(2L);
        assertThat(withdrawn(1)).isEmpty();
    }

    @Test
    void aTaskIsReportedAsStartedOnlyWhenItRunsLongerThanAFewMilliseconds() {
        ready(1, 1);
        run(1, 1);
        markerAt(1, 1);
        assertThat(started()).isEmpty();
        pass(6);
        assertThat(started()).containsExactly(1L);
        pass(100);
        assertThat(started()).isEmpty();
    }

    // ------------------------------------------------------------------------------------- outcomes and streams

    @Test
    void outcomesAreHeldUntilAcknowledged() {
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        ended(1, 2, MILLISECOND);
        order(Order.newBuilder().addAcknowledged(1));
        List<Report> state = core.attaching();
        assertThat(state.get(state.size() - 1).getStateComplete()).isTrue();
        assertThat(state.stream().flatMap(page -> page.getAttemptsList().stream()))
                .extracting(AttemptHeld::getAttempt)
                .containsExactly(2L);
    }

    @Test
    void aSessionWithTooMuchHeldStartsNothingMoreUntilItIsAcknowledged() {
        limits(new HostLimits(1, 61, 2_000, 60_000, 60_000, 20, 0, 600_000));
        ready(1, 1);
        run(1, 1, 2);
        ended(1, 1, MILLISECOND);
        sentTo(1);
        assertThat(sentTo(1)).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(sentTo(1)).containsExactly(2L);
    }

    @Test
    void theSameOrderTwiceIsOneOrder() {
        ready(1, 1);
        run(1, 1);
        run(1, 1);
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).hasSize(1);
        run(1, 1);
        assertThat(sentTo(1)).containsExactly(1L);
    }

    @Test
    void whatEndsBeforeTheWelcomeIsToldAfterIt() {
        ready(1, 1);
        run(1, 1);
        core.detached();
        core.attaching();
        ended(1, 1, MILLISECOND);
        assertThat(outcomes()).isEmpty();
        welcome(7);
        assertThat(outcomes()).hasSize(1);
    }

    @Test
    void pastItsLeaseAHostStartsNothingNew() {
        ready(1, 1);
        core.detached();
        pass(9_000);
        run(1, 1);
        assertThat(sentTo(1)).containsExactly(1L);
        ended(1, 1, MILLISECOND);
        pass(1_001);
        run(1, 2);
        assertThat(sentTo(1)).isEmpty();
        core.attaching();
        welcome(7);
        assertThat(sentTo(1)).containsExactly(2L);
    }

    @Test
    void withoutACoordinatorForTooLongEverythingEnds() {
        ready(1, 1);
        core.detached();
        pass(10_001);
        pass(590_000);
        assertThat(stopped()).containsExactly(1L);
    }

    @Test
    void triesToAttachThatNobodyAnswersDoNotRenewTheLease() {
        ready(1, 1);
        run(1, 1, 2);
        core.detached();
        for (int i = 0; i < 300; i++) {
            core.attaching();
            pass(1_000);
            core.detached();
            pass(1_000);
            if (i == 6) {
                sentTo(1);
                ended(1, 1, MILLISECOND);
            }
        }
        assertThat(sentTo(1)).as("past the lease nothing is started").isEmpty();
        assertThat(stopped()).as("past the loss time-out everything ends").containsExactly(1L);
    }

    @Test
    void theLoadIsToldWithEveryHeartbeat() {
        ready(1, 1);
        run(1, 1, 2);
        tells();
        pass(2_000);
        List<Report> loads = tells().stream().filter(Report::hasLoad).toList();
        assertThat(loads).hasSize(1);
        assertThat(loads.get(0).getLoad().getProcesses()).isEqualTo(1);
        assertThat(loads.get(0).getLoad().getRunning()).isEqualTo(1);
        assertThat(loads.get(0).getLoad().getPrefetched()).isEqualTo(1);
    }

    @Test
    void manyLargeOutcomesAreSplitIntoSeveralReports() {
        ready(1, 1);
        core.detached();
        core.attaching();
        for (int i = 1; i <= 5; i++) {
            run(1, i);
            say(
                    1,
                    FromProcess.newBuilder()
                            .addOutcomes(ProcessOutcome.newBuilder()
                                    .setOrdinal(i)
                                    .setResult(
                                            Payload.newBuilder().setInline(ByteString.copyFrom(new byte[600_000])))));
        }
        tells();
        welcome(7);
        assertThat(tells().stream().filter(report -> report.getOutcomesCount() > 0))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    // --------------------------------------------------------------------------------------------- close and drain

    @Test
    void aClosedSessionsProcessesAreAskedToStopAndItsCodeIsReleasedWithTheLast() {
        ready(1, 1);
        run(1, 1, 2);
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        assertThat(interrupted(1)).containsExactly(1L);
        assertThat(stopped()).containsExactly(1L);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).isEmpty();
        exit(1, 1, 0);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).hasSize(1);
        assertThat(outcomes()).isEmpty();
        assertThat(problems()).isEmpty();
    }

    @Test
    void aSessionClosedWithKillIsKilledAtOnce() {
        ready(1, 1);
        run(1, 1);
        order(Order.newBuilder()
                .addSessionsClosed(SessionClosed.newBuilder().setSession(1).setKill(true)));
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void aDrainIsOverWhenWhatRanHasEndedAndIsAcknowledged() {
        ready(1, 1);
        run(1, 1, 2);
        order(Order.newBuilder().setDrain(true));
        assertThat(returned()).containsExactly(2L);
        run(1, 3);
        assertThat(returned()).containsExactly(3L);
        ended(1, 1, MILLISECOND);
        assertThat(taken(HostDecision.Drained.class)).isEmpty();
        order(Order.newBuilder().addAcknowledged(1));
        assertThat(taken(HostDecision.Drained.class)).hasSize(1);
    }
}
