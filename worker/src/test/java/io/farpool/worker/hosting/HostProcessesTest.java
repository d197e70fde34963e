package io.farpool.worker.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.proto.v1.Order;
import io.farpool.proto.v1.ProcessSpec;
import io.farpool.proto.v1.Startup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which processes a host starts, keeps and ends. */
class HostProcessesTest extends HostStage {
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
        assertThat(taken(HostDecision.Launch.class))
                .hasSize(2)
                .allSatisfy(launch -> assertThat(launch.kind().classPath()).containsExactly("/a.jar", "/b.jar"));
    }

    @Test
    void theClassPathIsLookedAtAgainBeforeTheNextLaunch() {
        attach();
        open(1, 2);
        run(1, 10);
        core.classPathResolved("s1", List.of("/a.jar"));
        settle();
        assertThat(launched()).containsExactly(1L);
        taken(HostDecision.ResolveClassPath.class);
        run(1, 11);
        assertThat(taken(HostDecision.ResolveClassPath.class)).hasSize(1);
        assertThat(launched()).isEmpty();
        core.classPathResolved("s1", List.of("/again/a.jar"));
        settle();
        assertThat(taken(HostDecision.Launch.class))
                .singleElement()
                .satisfies(launch -> assertThat(launch.kind().classPath()).containsExactly("/again/a.jar"));
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
}
