package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemovalsTest {
    private final List<Runnable> called = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private final Removals removals = new Removals(called::add);

    @Test
    void aThreadIsTakenOnceForAllThatWaits() {
        removals.execute(() -> removed.add("first"));
        removals.execute(() -> removed.add("second"));
        assertThat(called).hasSize(1);
        assertThat(removed).isEmpty();
        called.remove(0).run();
        assertThat(removed).containsExactly("first", "second");
        removals.execute(() -> removed.add("third"));
        called.remove(0).run();
        assertThat(removed).hasSize(3);
    }

    @Test
    void whatFailsDoesNotKeepTheOthersFromBeingRemoved() {
        removals.execute(() -> {
            throw new IllegalStateException("pretended");
        });
        removals.execute(() -> removed.add("second"));
        called.remove(0).run();
        assertThat(removed).containsExactly("second");
    }

    @Test
    void whoeverFinishesThemDoesTheRestAndWaitsForWhatIsBeingDone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        removals.execute(() -> {
            begun.countDown();
            try {
                assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            removed.add("slow");
        });
        removals.execute(() -> removed.add("other"));
        Thread thread = new Thread(called.remove(0));
        thread.start();
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        Thread ending = new Thread(removals::finish);
        ending.start();
        goOn.countDown();
        ending.join(30_000);
        assertThat(removed).containsExactly("slow", "other");
        thread.join(30_000);
    }
}
