package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.ToProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The process that is started before a session wants it. */
class HostSpareTest extends HostStage {
    /** What the sessions of the stage want. */
    private static final ProcessKind KIND = new ProcessKind(ProcessSpec.getDefaultInstance(), List.of("/a.jar"), 0);

    private void startSpare(ProcessKind kind) {
        core.timeIs(nowMillis);
        core.startSpare(kind);
        settle();
    }

    private void openWithATask() {
        attach();
        open(1, 2);
        run(1, 10);
        resolve(1);
    }

    @Test
    void isStartedAtOnceAndRunsTheFirstTaskOfASessionOfItsKind() {
        startSpare(KIND);
        assertThat(taken(HostDecision.Launch.class)).containsExactly(new HostDecision.Launch(1, "", KIND));
        openWithATask();
        assertThat(launched()).isEmpty();
        assertThat(taken(HostDecision.Assign.class)).containsExactly(new HostDecision.Assign(1, "s1"));
        becomeReady(1);
        assertThat(sendsTo(1)).first().matches(ToProcess::hasPrepare);
        assertThat(sentTo(1)).containsExactly(1L);
        run(1, 11);
        assertThat(launched()).as("the next is one more").containsExactly(2L);
    }

    @Test
    void isToldItsSessionWhenItHasSaidHelloBefore() {
        startSpare(KIND);
        hello(1);
        assertThat(sends()).isEmpty();
        openWithATask();
        assertThat(sendsTo(1)).singleElement().satisfies(message -> assertThat(
                        message.getPrepare().getSessionId())
                .isEqualTo("s1"));
        assertThat(core.markersToSee()).isEmpty();
    }

    @Test
    void whatItPrintsWaitsForItsSession() {
        startSpare(KIND);
        assertThat(core.takesLines(1)).isFalse();
        openWithATask();
        assertThat(core.takesLines(1)).isTrue();
    }

    @Test
    void thereIsOneAtATime() {
        startSpare(KIND);
        assertThatThrownBy(() -> core.startSpare(KIND)).hasMessage("process 1 is a spare already, expected none");
        openWithATask();
        startSpare(KIND);
        assertThat(launched()).hasSize(2);
    }

    @Test
    void itsEndIsThatOfTheProcessOfItsSession() {
        startSpare(KIND);
        openWithATask();
        exit(1, 0, 9);
        assertThat(problems()).singleElement().satisfies(problem -> assertThat(
                        problem.getProcessNotReady().getExitCode())
                .isEqualTo(9));
    }

    @Test
    void isNotForASessionThatWantsAnotherKind() {
        for (ProcessKind other : List.of(
                new ProcessKind(ProcessSpec.newBuilder().addJvmOptions("-Xmx1g").build(), List.of("/a.jar"), 0),
                new ProcessKind(ProcessSpec.getDefaultInstance(), List.of("/b.jar"), 0),
                new ProcessKind(ProcessSpec.getDefaultInstance(), List.of("/a.jar"), 1))) {
            limits(HostLimits.defaults(2));
            startSpare(other);
            assertThat(launched()).containsExactly(1L);
            openWithATask();
            assertThat(launched()).containsExactly(2L);
        }
    }

    @Test
    void isReplacedWhenItHasGoneBeforeItWasWanted() {
        startSpare(KIND);
        hello(1);
        exit(1, 0, 1);
        openWithATask();
        assertThat(launched()).containsExactly(1L, 2L);
        assertThat(problems()).isEmpty();
        assertThat(sends()).isEmpty();

        limits(HostLimits.defaults(2));
        startSpare(KIND);
        core.notLaunched(1, "no such file");
        openWithATask();
        assertThat(launched()).containsExactly(1L, 2L);
    }

    @Test
    void isEndedWhenItsSocketIsGone() {
        startSpare(KIND);
        core.disconnected(1);
        settle();
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void isEndedWithTheHost() {
        startSpare(KIND);
        core.endRunning();
        settle();
        assertThat(killed()).containsExactly(1L);
    }

    @Test
    void isEndedWhenNobodyWantsItForAsLongAsAProcessMayBeIdle() {
        startSpare(KIND);
        hello(1);
        core.wasStopped(5_000);
        pass(64_999);
        assertThat(killed()).isEmpty();
        assertThat(core.wakeAtMillis()).isEqualTo(nowMillis + 1);
        pass(1);
        assertThat(killed()).containsExactly(1L);
        openWithATask();
        assertThat(launched()).containsExactly(1L, 2L);
    }
}
