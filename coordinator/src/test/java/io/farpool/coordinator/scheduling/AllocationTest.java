package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.coordinator.scheduling.Decision.SetQuota;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which session gets which slot. */
class AllocationTest {
    private final Script script = new Script();

    @Test
    void oneTaskAfterTheOtherTakesOneSlot() {
        script.attach("h", 4).open(1, 0);
        for (int task = 1; task <= 3; task++) {
            script.submit(1, task, task);
            script.finish(script.last(Decision.Run.class).get(0));
        }
        assertThat(script.all(SetQuota.class)).hasSize(1);
        assertThat(script.session(1).granted()).isEqualTo(1);
    }

    @Test
    void manyBlockedTasksTakeExactlyMaxWorkersSlots() {
        script.attach("h1", 4).attach("h2", 4).open(1, 3).submit(1, 1, 45);
        assertThat(script.session(1).granted()).isEqualTo(3);
        assertThat(script.session(1).held()).isEqualTo(3);
    }

    @Test
    void withoutCapASessionTakesEverySlotThereIs() {
        script.attach("h1", 4).open(1, 0).submit(1, 1, 100);
        assertThat(script.session(1).granted()).isEqualTo(4);
        script.attach("h2", 3);
        assertThat(script.session(1).granted()).isEqualTo(7);
    }

    @Test
    void whereTheSessionIsAlreadyComesBeforeWhereThereIsMoreRoom() {
        script.attach("small", 2).open(1, 0).submit(1, 1, 1).attach("large", 8);
        script.submit(1, 2, 2);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("small", 1, 2, 2));
    }

    @Test
    void anIdleSlotIsGivenUpAtOnceAndGrantedOnlyWhenConfirmed() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1);
        script.finish(script.last(Decision.Run.class).get(0));
        script.open(2, 0).submit(2, 1, 1);
        SetQuota lowered = script.last(SetQuota.class).get(0);
        assertThat(lowered).isEqualTo(new SetQuota("h", 1, 0, 2));
        assertThat(script.last(Decision.Run.class)).isEmpty();
        script.confirm(lowered);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("h", 2, 1, 1));
        assertThat(script.last(Decision.Run.class)).hasSize(1);
    }

    @Test
    void aBusySlotIsTakenOnlyAfterAQuantum() {
        script.attach("h", 2).open(1, 0).submit(1, 1, 50).open(2, 0).submit(2, 1, 50);
        assertThat(script.last(SetQuota.class)).isEmpty();
        script.startAll().pass(999);
        assertThat(script.last(SetQuota.class)).isEmpty();
        script.pass(1);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("h", 1, 1, 2));
        script.confirm(script.last(SetQuota.class).get(0));
        assertThat(script.session(1).granted()).isEqualTo(1);
        assertThat(script.session(2).granted()).isEqualTo(1);
        script.pass(5_000);
        assertThat(script.last(SetQuota.class)).as("it stays so").isEmpty();
    }

    @Test
    void slotsAreSharedEquallyBetweenHungrySessions() {
        script.attach("h1", 6).attach("h2", 6).open(1, 0).submit(1, 1, 1_000);
        script.open(2, 0).submit(2, 1, 1_000).open(3, 2).submit(3, 1, 1_000);
        for (int round = 0; round < 20; round++) {
            script.startAll()
                    .tell(new Event.HostHeard("h1"), new Event.HostHeard("h2"))
                    .pass(1_000);
            for (SetQuota quota : List.copyOf(script.last(SetQuota.class))) {
                script.confirm(quota);
            }
        }
        assertThat(script.session(3).granted())
                .as("its cap is less than its share")
                .isEqualTo(2);
        assertThat(script.session(1).granted()).isEqualTo(5);
        assertThat(script.session(2).granted()).isEqualTo(5);
    }

    @Test
    void moreSessionsThanSlotsTakeTurns() {
        script.attach("h", 1);
        for (int session = 1; session <= 3; session++) {
            script.open(session, 0).submit(session, 1, 1_000);
        }
        List<Integer> turns = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            script.startAll().pass(1_000);
            script.last(SetQuota.class).forEach(quota -> script.confirm(quota));
            for (int session = 1; session <= 3; session++) {
                if (script.session(session).granted() == 1) {
                    turns.add(session);
                }
            }
        }
        assertThat(turns).containsExactly(2, 3, 1, 2, 3, 1);
    }

    @Test
    void aSlotIsNotTakenBeforeItsProcessHasRunAnythingUnlessThatTakesVeryLong() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 50).open(2, 0).submit(2, 1, 50);
        for (int second = 1; second < 30; second++) {
            script.tell(new Event.HostHeard("h")).pass(1_000);
            assertThat(script.last(SetQuota.class)).isEmpty();
        }
        script.tell(new Event.HostHeard("h")).pass(1_000);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("h", 1, 0, 2));
    }

    @Test
    void aSlotOnItsWayIsNotAskedForTwice() {
        script.attach("h", 4).open(1, 0).submit(1, 1, 4);
        script.all(Decision.Run.class).forEach(script::finish);
        script.open(2, 0).submit(2, 1, 1);
        assertThat(script.last(SetQuota.class)).hasSize(1);
        script.submit(2, 2, 2);
        assertThat(script.last(SetQuota.class))
                .as("one more for the second task")
                .hasSize(1);
        script.pass(10);
        assertThat(script.last(SetQuota.class)).isEmpty();
        assertThat(script.session(1).granted()).isEqualTo(2);
    }

    @Test
    void aSessionThatStartsAllAtOnceGetsItsSlotsWithItsFirstTask() {
        script.attach("h1", 2).attach("h2", 2).open(1, 3, true);
        assertThat(script.all(SetQuota.class)).isEmpty();
        script.submit(1, 1, 1);
        assertThat(script.session(1).granted()).isEqualTo(3);
        assertThat(script.all(Decision.Run.class)).hasSize(1);
    }

    @Test
    void withoutCapStartingAllAtOnceTakesWhatIsFreeAndGivesItUpToWhoeverHasATask() {
        script.attach("h", 4).open(1, 0).submit(1, 1, 1).open(2, 0, true).submit(2, 1, 1);
        assertThat(script.session(1).granted()).isEqualTo(1);
        assertThat(script.session(2).granted()).isEqualTo(3);
        script.submit(1, 2, 2);
        SetQuota lowered = script.last(SetQuota.class).get(0);
        assertThat(lowered).isEqualTo(new SetQuota("h", 2, 2, 2));
        script.confirm(lowered);
        assertThat(script.session(1).granted()).isEqualTo(2);
        assertThat(script.session(2).granted()).isEqualTo(2);
        script.open(3, 0, true).submit(3, 1, 1);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("h", 2, 1, 3));
        script.confirm(new SetQuota("h", 2, 1, 3));
        assertThat(script.session(3).granted()).isEqualTo(1);
        script.tell(new Event.HostHeard("h")).pass(5_000);
        assertThat(script.last(SetQuota.class)).as("it stays so").isEmpty();
    }

    @Test
    void aConfirmationOfAnOlderQuotaFreesNothing() {
        script.attach("h", 2).open(1, 2).submit(1, 1, 1);
        SetQuota first = script.last(SetQuota.class).get(0);
        script.submit(1, 2, 2);
        script.all(Decision.Run.class).forEach(script::finish);
        script.open(2, 0).submit(2, 1, 1);
        assertThat(script.last(SetQuota.class)).containsExactly(new SetQuota("h", 1, 1, 3));
        script.confirm(first);
        assertThat(script.session(1).held()).isEqualTo(2);
        assertThat(script.last(Decision.Run.class)).isEmpty();
    }

    @Test
    void theSlotsOfAnEndedSessionWaitForTheHostsWordButNotForEver() {
        script.attach("h", 1).open(1, 0).submit(1, 1, 1).open(2, 0).submit(2, 1, 1);
        script.tell(new Event.SessionEnded(1, false));
        assertThat(script.last(Decision.CloseSession.class)).containsExactly(new Decision.CloseSession("h", 1, false));
        assertThat(script.last(Decision.Run.class)).isEmpty();
        script.tell(new Event.HostHeard("h")).pass(5_000);
        assertThat(script.last(Decision.Run.class)).hasSize(1);
    }
}
