package io.farpool;

import static io.farpool.interleaving.Interleavings.require;

import io.farpool.interleaving.Interleavings;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every interleaving, up to a bound, of going through a map's results, of its tasks getting done, and of closing it. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MapResultsLincheckTest {
    private static final class Task<T> extends PoolFuture<T> {
        private final Callable<T> callable;

        Task(Callable<T> callable) {
            this.callable = callable;
        }

        void run() {
            if (markRunning()) {
                try {
                    settleResult(callable.call());
                } catch (Exception e) {
                    settleException(e);
                }
            }
        }
    }

    /** An executor whose tasks are run by whoever takes them. */
    private static final class ByHand extends AbstractPoolExecutor {
        private final LinkedBlockingQueue<Task<?>> submitted = new LinkedBlockingQueue<>();
        private final List<Task<?>> all = new ArrayList<>();

        ByHand() {
            super(TaskOptions.defaults());
        }

        @Override
        protected <T> PoolFuture<T> submitTask(Callable<T> callable, TaskOptions taskOptions) {
            Task<T> task = new Task<>(callable);
            synchronized (all) {
                all.add(task);
            }
            submitted.add(task);
            return task;
        }

        Task<?> take() {
            try {
                return submitted.take();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        boolean allDone() {
            synchronized (all) {
                return all.stream().allMatch(PoolFuture::isDone);
            }
        }

        @Override
        protected void beginShutdown(boolean cancelFutures) {
            throw new RejectedExecutionException("not shut down here");
        }

        @Override
        public <T> Shared<T> share(T value) {
            throw new UnsupportedOperationException("nothing is shared here");
        }

        @Override
        public PoolInfo info() {
            throw new UnsupportedOperationException("nothing is told here");
        }

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }

    @Test
    void resultsComeInOrderWhateverTheOrderOfCompletion() {
        Interleavings.explore(15, () -> {
            ByHand pool = new ByHand();
            Results<Integer> results = pool.map(
                    x -> x * 10, List.of(1, 2, 3), MapOptions.defaults().bufferSize(2));
            Task<?> first = pool.take();
            Task<?> second = pool.take();
            Interleavings.together(
                    () -> {
                        Iterator<Integer> each = results.iterator();
                        for (int i = 1; i <= 3; i++) {
                            require(each.hasNext(), i);
                            Integer value = each.next();
                            require(value == 10 * i, value);
                        }
                        require(!each.hasNext(), "a fourth");
                    },
                    () -> {
                        second.run();
                        first.run();
                    },
                    () -> pool.take().run());
        });
    }

    @Test
    void aTaskCancelledMeanwhileFailsAtItsTurnOnly() {
        Interleavings.explore(15, () -> {
            ByHand pool = new ByHand();
            Results<Integer> results = pool.map(x -> x * 10, List.of(1, 2));
            Task<?> first = pool.take();
            Task<?> second = pool.take();
            Interleavings.together(
                    () -> {
                        Iterator<Integer> each = results.iterator();
                        try {
                            Integer value = each.next();
                            require(value == 10 && !first.isCancelled(), value);
                        } catch (CancellationException e) {
                            require(first.isCancelled(), first);
                        }
                        Integer value = each.next();
                        require(value == 20, value);
                    },
                    first::run,
                    first::cancel,
                    second::run);
        });
    }

    @Test
    void closingFromAnotherThreadEndsTheWaitAndLeavesNoTaskBehind() {
        Interleavings.explore(15, () -> {
            ByHand pool = new ByHand();
            Results<Integer> results = pool.map(
                    x -> x * 10, List.of(1, 2, 3), MapOptions.defaults().bufferSize(1));
            Interleavings.together(
                    () -> {
                        Iterator<Integer> each = results.iterator();
                        try {
                            for (int i = 1; each.hasNext(); i++) {
                                Integer value = each.next();
                                require(value == 10 * i, value);
                            }
                        } catch (NoSuchElementException closed) {
                            require(!each.hasNext(), "more after the end");
                        }
                    },
                    () -> pool.take().run(),
                    results::close);
            require(pool.allDone(), "a task left behind");
        });
    }

    @Test
    void closingWhileTheBufferIsRefilledCancelsWhatIsSubmittedThen() {
        Interleavings.explore(40, () -> {
            ByHand pool = new ByHand();
            Results<Integer> results =
                    pool.map(x -> x * 10, List.of(1, 2), MapOptions.defaults().bufferSize(1));
            pool.take().run();
            Interleavings.together(
                    () -> {
                        try {
                            Integer value = results.iterator().next();
                            require(value == 10, value);
                        } catch (NoSuchElementException closed) {
                            // before this got its turn
                        }
                    },
                    results::close);
            require(pool.allDone(), "a task left behind");
        });
    }
}
