package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom an interrupt reaches. */
@Timeout(30)
class TaskThreadTest {
    private final List<Boolean> interrupted = new ArrayList<>();
    private final TaskThread thread = new TaskThread(() -> {
        for (long ordinal = 5; ordinal <= 7; ordinal++) {
            runs(ordinal);
        }
    });

    private void runs(long ordinal) {
        TaskThread me = (TaskThread) Thread.currentThread();
        me.enter(ordinal);
        interrupted.add(Thread.currentThread().isInterrupted() && me.isCancelled(ordinal));
        me.leave();
        interrupted.add(Thread.currentThread().isInterrupted());
    }

    @Test
    void oneThatComesBeforeItsTaskHasBeenEnteredReachesThatTaskAlone() throws InterruptedException {
        thread.interruptTask(6);
        thread.start();
        thread.join();
        assertThat(interrupted).containsExactly(false, false, true, false, false, false);
    }

    @Test
    void oneForATaskThatNeverComesReachesNone() throws InterruptedException {
        thread.interruptTask(4);
        thread.start();
        thread.join();
        assertThat(interrupted).doesNotContain(true);
    }
}
