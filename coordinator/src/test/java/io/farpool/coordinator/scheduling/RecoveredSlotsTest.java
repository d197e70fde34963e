package io.farpool.coordinator.scheduling;

import static io.farpool.coordinator.scheduling.Script.held;
import static io.farpool.coordinator.scheduling.Script.pending;
import static io.farpool.coordinator.scheduling.Script.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.farpool.coordinator.scheduling.Decision.Adopt;
import io.farpool.coordinator.scheduling.Decision.Run;
import io.farpool.proto.v1.AttemptHeld;
import io.farpool.proto.v1.SessionHeld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which slots a session has again when its hosts attach with its processes. */
class RecoveredSlotsTest {
    private final Script script = new Script();

    @Test
    void theProcessesOfASessionAreItsSlotsAgain() {
        script.attachHolding("h")
                .resume(1, "h")
                .pending(1, pending(1), pending(2))
                .submit(1, 1, 2);
        assertThat(script.session(1).held()).isEqualTo(2);
        assertThat(script.last(Run.class)).hasSize(2);
    }

    @Test
    void aHostThatDrainsKeepsNoSlotForWhatIsAdopted() {
        script.attachHolding("h", running(1, 40)).tell(new Event.HostDraining("h"));
        script.resume(1, "h").pending(1, pending(1));
        assertThat(script.last(Adopt.class)).hasSize(1);
        assertThat(script.last(Decision.SetQuota.class)).isNotEmpty().allSatisfy(quota -> assertThat(quota.processes())
                .isZero());
    }

    @Test
    void whatIsAdoptedBeyondTheCapIsRecalledSoThatItStartsElsewhere() {
        script.tell(new Event.HostAttached(
                "a",
                1,
                2,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(running(1, 40))));
        script.tell(new Event.HostAttached(
                "b",
                1,
                2,
                List.of(SessionHeld.newBuilder()
                        .setSessionId("session-1")
                        .setProcesses(1)
                        .build()),
                List.of(held(2, 41).build())));
        script.tell(new Event.SessionOpened(1, "session-1", 1, false, true, List.of("a", "b")));
        script.pending(1, pending(1), pending(2));
        Adopt prefetched = script.last(Adopt.class).get(1);
        assertThat(prefetched.host()).isEqualTo("b");
        assertThat(script.last(Decision.SetQuota.class))
                .extracting(Decision.SetQuota::host, Decision.SetQuota::processes)
                .contains(tuple("b", 0));
        assertThat(script.last(Decision.Recall.class)).containsExactly(new Decision.Recall("b", prefetched.attempt()));
    }

    @Test
    void aRecallThatMayNotHaveArrivedIsSaidAgainIfTheHostHasNoSlotLeft() {
        script.attach("a", 1).open(1, 0).submit(1, 1, 2);
        List<Run> runs = script.last(Run.class);
        script.tell(Script.started(runs.get(0)));
        script.open(2, 0).submit(2, 1, 1).pass(1_000);
        assertThat(script.last(Decision.Recall.class)).isNotEmpty();
        AttemptHeld[] held = runs.stream()
                .map(run -> held(run.task().getSequence(), run.attempt())
                        .setEpoch(Script.EPOCH)
                        .build())
                .toArray(AttemptHeld[]::new);
        script.tell(new Event.HostDetached("a")).attach("a", 1, held);
        assertThat(script.last(Decision.Recall.class)).isNotEmpty();
    }

    @Test
    void slotsThatWereGivenToOthersAreNotReservedForASessionThatEndedMeanwhile() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).tell(new Event.SessionEnded(1, false));
        script.open(2, 0).submit(2, 1, 1).tell(new Event.HostHeard("h")).pass(5_000);
        assertThat(script.last(Run.class)).hasSize(1);
        script.tell(new Event.HostDetached("h"))
                .tell(new Event.HostAttached(
                        "h",
                        1,
                        1,
                        List.of(SessionHeld.newBuilder()
                                .setSessionId("session-1")
                                .setProcesses(1)
                                .build()),
                        List.of()));
        assertThat(script.scheduler.hosts().get(0).held()).isEqualTo(1);
    }
}
