package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.AttemptOutcome;
import io.farpool.proto.v1.Failure;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.SessionClosed;
import io.farpool.proto.v1.SessionProblem;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a process that dies, or cannot be started, costs. */
class HostDeathsTest extends HostStage {
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
    void codeThatOtherProcessesRunOnIsNotLetGoWhenItCannotBeLookedAtAgain() {
        ready(1, 2);
        run(1, 1, 2);
        exit(2, 0, 1);
        resolved.clear();
        run(1, 3);
        core.classPathFailed("s1", "b.jar is missing");
        settle();
        assertThat(taken(HostDecision.ReleaseClassPath.class)).isEmpty();
        order(Order.newBuilder().addSessionsClosed(SessionClosed.newBuilder().setSession(1)));
        exit(1, 2, 0);
        assertThat(taken(HostDecision.ReleaseClassPath.class)).hasSize(1);
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
}
