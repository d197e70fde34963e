package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class PatientExecutorTest {
    private final List<String> ran = new ArrayList<>();
    /** What has been given a thread, and runs when the test says so. */
    private final Queue<Runnable> threads = new ArrayDeque<>();

    private final Queue<Runnable> later = new ArrayDeque<>();
    private int threadsLeft = 1;
    private boolean noTimer;
    private boolean closed;

    private final PatientExecutor executor = new PatientExecutor(
            task -> {
                if (closed) {
                    throw new RejectedExecutionException("closed");
                }
                if (threadsLeft == 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                threadsLeft--;
                threads.add(task);
            },
            task -> {
                later.add(task);
                if (noTimer) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
            });

    private void say(String word) {
        executor.execute(() -> ran.add(word));
    }

    @Test
    void whatFindsNoThreadRunsOnOneThatIsThere() {
        say("first");
        say("second");
        say("third");
        threads.remove().run();
        assertThat(ran).containsExactly("first", "second", "third");
        later.forEach(Runnable::run);
        assertThat(ran).as("not again").hasSize(3);
    }

    @Test
    void whatFindsNoThreadAtAllRunsWhenThereIsOne() {
        threadsLeft = 0;
        say("first");
        later.remove().run();
        assertThat(ran).as("there is none yet").isEmpty();
        threadsLeft = 1;
        later.remove().run();
        threads.remove().run();
        assertThat(ran).containsExactly("first");
        assertThat(later).isEmpty();
    }

    @Test
    void whatFindsNotEvenATimerIsNotTaken() {
        threadsLeft = 0;
        noTimer = true;
        assertThatThrownBy(() -> say("first")).isInstanceOf(OutOfMemoryError.class);
        threadsLeft = 1;
        say("second");
        threads.remove().run();
        assertThat(ran).containsExactly("second");
    }

    @Test
    void whatATaskThrowsHoldsUpNothing() {
        executor.execute(() -> {
            throw new IllegalStateException("of the task");
        });
        say("second");
        threadsLeft = 1;
        assertThatThrownBy(threads.remove()::run).hasMessage("of the task");
        threads.remove().run();
        assertThat(ran).containsExactly("second");
    }

    @Test
    void aPoolThatTakesNothingMoreSaysSo() {
        closed = true;
        assertThatThrownBy(() -> say("first")).isInstanceOf(RejectedExecutionException.class);
    }
}
