package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.farpool.coordinator.scheduling.Decision.Recall;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.AttemptStarted;
import io.farpool.proto.v1.Outcome;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which task goes where, and how far ahead of need. */
class DispatchTest {
    private static final long MICROSECOND = 1_000;
    private static final long SECOND = 1_000_000_000;

    private final Script script = new Script();

    @Test
    void idleSlotsComeFirstThenOneTaskAhead() {
        script.attach("h1", 2).attach("h2", 2).open(1, 0).submit(1, 1, 100);
        List<Run> runs = script.last(Run.class);
        assertThat(runs).hasSize(8);
        assertThat(runs.subList(0, 4)).extracting(Run::host).containsExactlyInAnyOrder("h1", "h1", "h2", "h2");
        assertThat(runs.subList(4, 8)).extracting(Run::host).containsExactlyInAnyOrder("h1", "h1", "h2", "h2");
    }

    @Test
    void greaterPriorityComesFirstThenTheOrderOfSubmission() {
        script.attach("h", 1).open(1, 0);
        Task urgent = Script.task(5).toBuilder().setPriority(2).build();
        Task late = Script.task(6).toBuilder().setPriority(-1).build();
        script.tell(new Event.TasksSubmitted(1, List.of(Script.task(3), Script.task(4), urgent, late)));
        while (!script.last(Run.class).isEmpty()) {
            Run oldest = script.last(Run.class).get(0);
            script.finish(oldest, Script.result(10 * SECOND));
        }
        assertThat(script.all(Run.class))
                .extracting(run -> run.task().getSequence())
                .startsWith(5L, 3L);
    }

    @Test
    void microsecondTasksAreSentFarAheadAndLongOnesNotAtAll() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 5_000);
        script.finish(script.last(Run.class).get(0), Script.result(100 * MICROSECOND));
        assertThat(script.session(1).assigned())
                .as("16 ms of work, and the one that runs")
                .isEqualTo(161);
        for (int i = 0; i < 20; i++) {
            Run run = script.all(Run.class).get(1 + i);
            script.finish(run, Script.result(5 * SECOND));
        }
        int before = script.session(1).assigned();
        Run next = script.all(Run.class).get(21);
        script.finish(next, Script.result(5 * SECOND));
        assertThat(script.session(1).assigned()).isEqualTo(before - 1);
    }

    @Test
    void aHostIsNotFloodedWithBytes() {
        script.attach("h", 1).open(1, 0);
        ByteString large = ByteString.copyFrom(new byte[5 << 20]);
        for (int i = 1; i <= 9; i++) {
            Task task = Script.task(i).toBuilder()
                    .setPayload(Payload.newBuilder().setInline(large))
                    .build();
            script.tell(new Event.TasksSubmitted(1, List.of(task)));
        }
        script.finish(script.all(Run.class).get(0), Script.result(MICROSECOND));
        assertThat(script.session(1).assigned())
                .as("16 MiB and the one that goes past it")
                .isEqualTo(4);
    }

    @Test
    void workBehindASlowTaskIsRecalledForAnIdleSlotElsewhere() {
        script.attach("slow", 1).open(1, 0).submit(1, 1, 2);
        Run running = script.last(Run.class).get(0);
        Run waiting = script.last(Run.class).get(1);
        script.tell(new Event.AttemptsStarted(
                "slow",
                List.of(AttemptStarted.newBuilder()
                        .setAttempt(running.attempt())
                        .build())));
        script.attach("idle", 1);
        assertThat(script.last(Recall.class)).containsExactly(new Recall("slow", waiting.attempt()));
        script.tell(new Event.AttemptsReturned("slow", List.of(waiting.attempt())));
        Run again = script.last(Run.class).get(0);
        assertThat(again.host()).isEqualTo("idle");
        assertThat(again.startNumber()).as("a returned attempt uses nothing up").isEqualTo(1);
    }

    @Test
    void aClientThatDoesNotAcknowledgeGetsNoMoreRun() {
        SchedulerSettings settings = SchedulerSettings.defaults();
        script.attach("h", 1).open(1, 0).submit(1, 1, 3);
        Outcome large = Outcome.newBuilder()
                .setResult(Payload.newBuilder()
                        .setInline(ByteString.copyFrom(new byte[(int) settings.unacknowledgedBytes() + 1])))
                .build();
        script.finish(script.last(Run.class).get(0), large);
        assertThat(script.last(Run.class)).isEmpty();
        script.tell(new Event.CompletionsAcknowledged(1, 1));
        assertThat(script.last(Run.class)).hasSize(1);
    }

    @Test
    void whatOnlyTheCoordinatorNeedsIsNotSentToHosts() {
        Task task = Script.task(1).toBuilder()
                .setPriority(3)
                .setAttemptsAfterFailure(2)
                .setAttemptsAfterHostLoss(4)
                .setTimeoutMillis(9)
                .build();
        script.attach("h", 1).open(1, 0).tell(new Event.TasksSubmitted(1, List.of(task)));
        assertThat(script.last(Run.class).get(0).task())
                .isEqualTo(Script.task(1).toBuilder().setTimeoutMillis(9).build());
    }
}
