package io.farpool.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.MapOptions;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.RemoteCallable;
import io.farpool.TaskContext;
import io.farpool.TaskInfo;
import io.farpool.TaskOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract line 22, and what else task options promise. */
public abstract class OptionsContract extends Contract {
    @Test
    @DisplayName("22. a time limit stops the task, fails the future with TimeoutException, and the pool goes on")
    void stopsAtTheTimeLimit() {
        PoolExecutor pool = sharedPool(1);
        Gate gate = newGate();
        PoolFuture<Boolean> slow = pool.with(TaskOptions.defaults().timeout(Duration.ofMillis(100)))
                .submit(gate::await);
        assertThat(slow.exception()).isInstanceOf(TimeoutException.class);
        assertThat(pool.submit(Tasks::square, 5).result()).isEqualTo(25);
    }

    @Test
    @DisplayName("22. a time limit counts from the task's start, not from its submission")
    void countsFromTheStart() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<?> slow = pool.submit(() -> {
            Thread.sleep(3_500);
            return null;
        });
        PoolFuture<Integer> quick =
                pool.with(TaskOptions.defaults().timeout(Duration.ofSeconds(3))).submit(Tasks::square, 5);
        assertThat(quick.result()).isEqualTo(25);
        assertThat((Object) slow.result()).isNull();
    }

    @Test
    @DisplayName("a task that throws what it may be retried for is started again, within its attempts")
    void retries() {
        PoolExecutor pool = sharedPool(1);
        TaskOptions options = TaskOptions.defaults().attempts(3).retryOn(Tasks.FlakyException.class);
        Trace trace = newTrace();
        PoolFuture<String> third = pool.with(options).submit(Tasks::succeedsAtLine, trace, 3);
        assertThat(third.result()).isEqualTo("after 3");
        assertThat(trace.lines()).containsExactly("attempt 1", "attempt 2", "attempt 3");
        Trace longer = newTrace();
        PoolFuture<String> fifth = pool.with(options).submit(Tasks::succeedsAtLine, longer, 5);
        assertThat(fifth.exception()).isInstanceOf(Tasks.FlakyException.class);
        assertThat(longer.lines()).hasSize(3);
        assertThat(fifth.info().attempts()).hasSize(3);
        assertThat(fifth.info().state()).isEqualTo(TaskInfo.State.FINISHED);
    }

    @Test
    @DisplayName("an exception is final unless asked otherwise, whatever the attempts")
    void doesNotRetryUnasked() {
        PoolExecutor pool = sharedPool(1);
        Trace trace = newTrace();
        PoolFuture<String> future =
                pool.with(TaskOptions.defaults().attempts(3)).submit(Tasks::succeedsAtLine, trace, 2);
        assertThat(future.exception()).isInstanceOf(Tasks.FlakyException.class);
        assertThat(trace.lines()).hasSize(1);
    }

    @Test
    @DisplayName("a chunk is started again for what an item may be retried for")
    void retriesChunks() {
        PoolExecutor pool = sharedPool(1);
        Trace trace = newTrace();
        assertThat(pool.with(TaskOptions.defaults().attempts(3).retryOn(Tasks.FlakyException.class))
                        .map(
                                (Integer line) -> Tasks.succeedsAtLine(trace, line),
                                List.of(1, 3),
                                MapOptions.defaults().chunkSize(2))
                        .toList())
                .hasSize(2);
    }

    @Test
    @DisplayName("a task of a greater priority overtakes those that wait")
    void honoursPriority() {
        PoolExecutor pool = newPool(1);
        Gate gate = newGate();
        Trace trace = newTrace();
        PoolFuture<Boolean> blocker = pool.submit(gate::await);
        Await.until("it runs", blocker::running);
        // More than is sent ahead while no task has ended, which a task cannot overtake.
        for (int i = 0; i < 200; i++) {
            pool.execute(() -> trace.add("ordinary"));
        }
        pool.with(TaskOptions.defaults().priority(-1)).execute(() -> trace.add("less"));
        pool.with(TaskOptions.defaults().priority(1)).execute(() -> trace.add("more"));
        awaitTasks(pool, 203);
        gate.open();
        pool.close();
        assertThat(trace.lines()).hasSize(202).endsWith("less");
        assertThat(trace.lines().indexOf("more")).isLessThan(150);
    }

    @Test
    @DisplayName("a view of a view overrides only what it sets, and shares the pool's life")
    void viewsShareTheirPool() {
        PoolExecutor pool = newPool(1);
        PoolExecutor view = pool.with(TaskOptions.defaults().name("named").attempts(3))
                .with(TaskOptions.defaults().retryOn(Tasks.FlakyException.class));
        Trace trace = newTrace();
        PoolFuture<String> future = view.submit(Tasks::succeedsAtLine, trace, 3);
        assertThat(future.result()).isEqualTo("after 3");
        assertThat(future.info().name()).isEqualTo("named");
        view.close();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(view.isShutdown()).isTrue();
        assertThatThrownBy(() -> pool.submit(Tasks::square, 1))
                .isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
    }

    @Test
    @DisplayName("a task can ask who it is; outside one the context is empty")
    void tasksKnowThemselves() {
        PoolExecutor pool = sharedPool(1);
        PoolFuture<List<String>> future = pool.submit(() -> {
            TaskContext context = TaskContext.current();
            context.progress(0.5, "half way");
            return List.of(context.taskId(), context.attempt() + "", context.host(), context.isCancelled() + "");
        });
        assertThat(future.result().get(0)).isEqualTo(future.info().id());
        assertThat(future.result().get(1)).isEqualTo("1");
        assertThat(future.result().get(2)).isNotEmpty();
        assertThat(future.result().get(3)).isEqualTo("false");
        assertThat(TaskContext.current().taskId()).isEmpty();
        assertThat(TaskContext.current().attempt()).isZero();
        assertThat(TaskContext.current().isCancelled()).isFalse();
        TaskContext.current().progress(1, "nobody listens");
    }

    @Test
    @DisplayName("a task that has been interrupted can tell its progress, and the worker that runs it goes on")
    void interruptedTasksTellTheirProgress() {
        PoolExecutor pool = sharedPool(1);
        RemoteCallable<Long> interrupted = () -> {
            TaskContext.current().progress(0.1, "at once");
            Thread.currentThread().interrupt();
            Thread helper = new Thread(() -> {
                Thread.currentThread().interrupt();
                TaskContext.current().progress(0.5, "sooner than it is sent");
            });
            helper.start();
            while (helper.isAlive()) {
                Thread.onSpinWait();
            }
            return ProcessHandle.current().pid();
        };
        long process = pool.submit(interrupted).result();
        assertThat(pool.submit(interrupted).result()).isEqualTo(process);
        assertThat(pool.submit(() -> {
                            Thread.currentThread().interrupt();
                            TaskContext.current().progress(0.1, "at once");
                            return ProcessHandle.current().pid();
                        })
                        .result())
                .isEqualTo(process);
    }
}
