package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.Adopt;
import io.farpool.coordinator.scheduling.Decision.Complete;
import io.farpool.coordinator.scheduling.Decision.DropAttempt;
import io.farpool.coordinator.scheduling.Decision.RequestGrant;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.coordinator.scheduling.Decision.WantTasks;
import io.farpool.proto.v1.Grant;
import io.farpool.proto.v1.Loss;
import io.farpool.proto.v1.PendingTask;
import io.farpool.proto.v1.SessionHeld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A task that was granted its last attempt by another coordinator: it runs again only if it is certain not to have started. */
class RecoveredGrantsTest {
    private final Script script = new Script();

    private static PendingTask granted(long sequence, String host) {
        return granted(sequence, Script.EPOCH - 1, host, 1);
    }

    private static PendingTask granted(long sequence, long epoch, String host, long incarnation) {
        return PendingTask.newBuilder()
                .setSequence(sequence)
                .setAttemptsAfterHostLoss(1)
                .setGrant(Grant.newBuilder().setEpoch(epoch).setHost(host).setIncarnation(incarnation))
                .build();
    }

    private Loss.Cause cause(Complete complete) {
        return complete.outcome().getLoss().getCause();
    }

    @Test
    void aGrantedTaskThatNobodyHasIsUnaccountedFor() {
        script.resume(1, "gone").pending(1, granted(1, "gone")).pass(10_000);
        assertThat(script.last(Complete.class)).extracting(this::cause).containsExactly(Loss.Cause.UNACCOUNTED);
        assertThat(script.last(Complete.class)).extracting(Complete::attempts).containsExactly(1);
        assertThat(script.all(WantTasks.class)).isEmpty();
    }

    @Test
    void aGrantedTaskThatItsHostHasNeverHeardOfRunsAgain() {
        script.attachHolding("h").resume(1, "h").pending(1, granted(1, "h"));
        assertThat(script.all(Complete.class)).isEmpty();
        assertThat(script.last(WantTasks.class)).hasSize(1);
        script.tell(new Event.TasksSubmitted(
                1,
                List.of(Script.task(1).toBuilder().setAttemptsAfterHostLoss(1).build())));
        assertThat(script.last(RequestGrant.class)).hasSize(1);
    }

    @Test
    void theHostOfAGrantIsWaitedForEvenIfTheClientDoesNotNameIt() {
        script.attach("h", 1).resume(1, "h").pending(1, granted(1, "late"));
        assertThat(script.all(Complete.class)).isEmpty();
        script.attachHolding("late", running(1, 40));
        assertThat(script.last(Adopt.class)).hasSize(1);
    }

    @Test
    void aHostThatCannotTellDoesNotProveThatAGrantedTaskHasNotStarted() {
        PendingTask task = granted(1, "h");
        script.attach("h", SessionHeld.newBuilder().setSessionId("session-1").setDroppedStarted(true))
                .resume(1, "h")
                .pending(1, task);
        assertThat(script.last(Complete.class)).as("one was dropped").hasSize(1);

        Script forgetful = new Script();
        forgetful.attach("h", 1).resume(1, "h").pending(1, task);
        assertThat(forgetful.last(Complete.class))
                .as("it has not kept the session")
                .hasSize(1);

        Script anew = new Script();
        anew.attachHolding("h").resume(1, "h").pending(1, granted(1, Script.EPOCH - 1, "h", 9));
        assertThat(anew.last(Complete.class)).as("another incarnation").hasSize(1);

        Script here = new Script();
        here.attachHolding("h").resume(1, "h").pending(1, granted(1, Script.EPOCH, "h", 1));
        assertThat(here.last(Complete.class)).as("it had expired here").hasSize(1);
    }

    @Test
    void aGrantedTaskIsNotAdoptedFromAnotherHost() {
        script.attachHolding("other", running(1, 40)).attachHolding("h");
        script.resume(1, "h", "other").pending(1, granted(1, "h"));
        assertThat(script.last(Adopt.class)).isEmpty();
        assertThat(script.last(DropAttempt.class)).hasSize(1);
    }

    @Test
    void aSessionThatAHostHadNothingOfProvesNothingWhenTheHostAttachesAgain() {
        script.attach("h", 1)
                .resume(1, "h", "never")
                .pending(1, granted(1, "h"))
                .submit(1, 2, 2);
        assertThat(script.last(Run.class)).hasSize(1);
        Run run = script.last(Run.class).get(0);
        script.tell(new Event.HostDetached("h"));
        script.tell(new Event.HostAttached(
                "h",
                1,
                1,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(held(2, run.attempt()).setEpoch(Script.EPOCH).build())));
        script.pass(9_000).tell(new Event.HostHeard("h")).pass(1_000);
        assertThat(script.last(Complete.class)).extracting(this::cause).containsExactly(Loss.Cause.UNACCOUNTED);
        assertThat(script.all(WantTasks.class)).isEmpty();
    }
}
