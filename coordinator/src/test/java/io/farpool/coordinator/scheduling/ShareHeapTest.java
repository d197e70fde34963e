package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareHeapTest {
    private record Load(int tasks, int slots) {}

    private final SessionState session =
            new SessionState(new Event.SessionOpened(1, "s", 0, false), SchedulerSettings.defaults(), 0);
    private final ShareHeap heap = new ShareHeap();

    private Share share(int number) {
        return new Share(session, new HostState(number, "host-" + number, 1, 16, 0));
    }

    @Test
    void equalFractionsAreATieThatTheOlderHostWins() {
        Share newer = share(2);
        Share older = share(1);
        heap.update(newer, true, 1, 3);
        heap.update(older, true, 5, 15);
        assertThat(heap.first()).isSameAs(older);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 100})
    void theFirstIsTheLeastBusyWhateverComesAndGoes(int hosts) {
        Random random = new Random(7);
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            shares.add(share(i));
        }
        Map<Share, Load> expected = new HashMap<>();
        Comparator<Share> leastBusy = Comparator.<Share>comparingDouble(
                        share -> (double) expected.get(share).tasks()
                                / expected.get(share).slots())
                .thenComparingInt(share -> share.host.number);
        for (int i = 0; i < 5_000; i++) {
            Share share = shares.get(random.nextInt(hosts));
            boolean belongs = random.nextInt(4) > 0;
            Load load = new Load(random.nextInt(20), 1 + random.nextInt(6));
            heap.update(share, belongs, load.tasks(), load.slots());
            if (belongs) {
                expected.put(share, load);
            } else {
                expected.remove(share);
            }
            assertThat(heap.first())
                    .isSameAs(expected.keySet().stream().min(leastBusy).orElse(null));
        }
    }
}
