package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom an interrupt reaches. */
@Timeout(30)
class TaskThreadTest {
    private final List<Boolean> interrupted = new ArrayList<>();
    private volatile LongConsumer comes = ordinal -> {};
    private final TaskThread thread = new TaskThread(() -> {
        for (long ordinal = 5; ordinal <= 7; ordinal++) {
            runs(ordinal);
        }
    });

    /** As the task thread does; what comes meanwhile is the test's. */
    private void runs(long ordinal) {
        TaskThread me = (TaskThread) Thread.currentThread();
        me.takesUp(ordinal);
        comes.accept(ordinal);
        me.enter(ordinal);
        interrupted.add(Thread.currentThread().isInterrupted() && me.isCancelled(ordinal));
        me.leave();
        interrupted.add(Thread.currentThread().isInterrupted());
    }

    private void run(LongConsumer beforeItIsEntered) throws InterruptedException {
        comes = beforeItIsEntered;
        thread.start();
        thread.join();
    }

    @Test
    void oneThatComesBeforeItsTaskHasBeenEnteredReachesThatTaskAlone() throws InterruptedException {
        run(ordinal -> {
            if (ordinal == 6) {
                thread.interruptTask(6);
                thread.interruptTask(7); // withdrawn, perhaps
                thread.interruptTask(5);
            }
        });
        assertThat(interrupted).containsExactly(false, false, true, false, false, false);
    }

    @Test
    void oneForATaskThatHasNotBeenTakenUpReachesNone() throws InterruptedException {
        run(ordinal -> thread.interruptTask(ordinal + 1));
        assertThat(interrupted).hasSize(6).doesNotContain(true);
    }

    @Test
    void oneForATaskThatHasEndedReachesNone() throws InterruptedException {
        run(ordinal -> thread.interruptTask(ordinal - 1));
        assertThat(interrupted).hasSize(6).doesNotContain(true);
    }
}
