package io.farpool.coordinator.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The queue gives what a sorted set would give, whatever is added, taken and removed. */
class TaskQueueTest {
    private static final Comparator<TaskState> ORDER =
            Comparator.<TaskState>comparingInt(task -> -task.priority).thenComparingLong(task -> task.sequence);

    private final SessionState session =
            new SessionState(new Event.SessionOpened(1, "s", 0, false), SchedulerSettings.defaults(), 0);

    @Test
    void aThousandRandomStepsAgreeWithASortedSet() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            TaskQueue queue = new TaskQueue();
            TreeSet<TaskState> model = new TreeSet<>(ORDER);
            List<TaskState> out = new ArrayList<>();
            long sequence = 0;
            for (int step = 0; step < 1_000; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        TaskState task = task(++sequence, random.nextInt(4) == 0 ? random.nextInt(3) : 0);
                        queue.add(task);
                        model.add(task);
                    }
                    case 2 -> {
                        @Nullable TaskState taken = queue.poll();
                        assertThat(taken).as("seed %d step %d", seed, step).isSameAs(model.pollFirst());
                        if (taken != null) {
                            out.add(taken);
                        }
                    }
                    case 3 -> {
                        if (!out.isEmpty()) {
                            TaskState back = out.remove(random.nextInt(out.size()));
                            queue.add(back);
                            model.add(back);
                        }
                    }
                    default -> {
                        if (!model.isEmpty()) {
                            TaskState any = new ArrayList<>(model).get(random.nextInt(model.size()));
                            queue.remove(any);
                            model.remove(any);
                        }
                    }
                }
                assertThat(queue.size()).isEqualTo(model.size());
            }
        }
    }

    private TaskState task(long sequence, int priority) {
        return new TaskState(
                session, Script.task(sequence).toBuilder().setPriority(priority).build(), SchedulerSettings.defaults());
    }
}
