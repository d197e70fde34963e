package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SerialQueueTest {
    private final ExecutorService successor = Executors.newSingleThreadExecutor();

    @AfterEach
    void endSuccessor() throws InterruptedException {
        successor.shutdown();
        assertThat(successor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anEventPostedIntoAnIdleQueueIsAppliedAndFlushedBeforePostReturns() {
        Recorder core = new Recorder();
        SerialQueue<Integer> queue = new SerialQueue<>(core, successor);
        queue.post(1);
        assertThat(core.log).containsExactly("1", "flush");
    }

    @Test
    void whatIsPostedFromWithinTheCoreIsAppliedAfterwardsByTheSameDrainer() {
        List<String> log = new ArrayList<>();
        List<SerialQueue<Integer>> self = new ArrayList<>();
        SerialQueue<Integer> queue = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(Integer event) {
                        if (event == 1) {
                            self.get(0).post(2);
                            self.get(0).post(3);
                        }
                        log.add("applied " + event);
                    }

                    @Override
                    public void flush() {
                        log.add("flush");
                    }

                    @Override
                    public void fault(Throwable bug) {
                        throw new AssertionError(bug);
                    }
                },
                successor);
        self.add(queue);
        queue.post(1);
        assertThat(log).containsExactly("applied 1", "flush", "applied 2", "applied 3", "flush");
    }

    @Test
    void aUsersThreadAppliesItsOwnEventAndLeavesWhatOthersPostMeanwhile() {
        Thread user = Thread.currentThread();
        List<Thread> appliedBy = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(3);
        List<SerialQueue<Integer>> self = new ArrayList<>();
        SerialQueue<Integer> queue = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(Integer event) {
                        if (event == 1) {
                            self.get(0).post(2);
                            self.get(0).post(3);
                        }
                        appliedBy.add(Thread.currentThread());
                        all.countDown();
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void fault(Throwable bug) {
                        throw new AssertionError(bug);
                    }
                },
                successor);
        self.add(queue);
        queue.postFromUser(1);
        assertThat(await(all)).isTrue();
        assertThat(appliedBy.get(0)).isSameAs(user);
        assertThat(appliedBy.subList(1, 3)).doesNotContain(user);
    }

    @Test
    void aDrainerHandsOverAfterItsTurn() {
        List<Runnable> handedOver = new ArrayList<>();
        Executor later = handedOver::add;
        List<SerialQueue<Integer>> self = new ArrayList<>();
        List<Integer> applied = new ArrayList<>();
        SerialQueue<Integer> queue = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(Integer event) {
                        applied.add(event);
                        if (event < 3 * SerialQueue.EVENTS_PER_TURN) {
                            self.get(0).post(event + 1); // a queue that never gets empty by itself
                        }
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void fault(Throwable bug) {
                        throw new AssertionError(bug);
                    }
                },
                later);
        self.add(queue);
        queue.post(1);
        assertThat(applied).hasSize(SerialQueue.EVENTS_PER_TURN);
        assertThat(handedOver).hasSize(1);
        handedOver.remove(0).run();
        assertThat(applied).hasSize(2 * SerialQueue.EVENTS_PER_TURN);
    }

    @Test
    void whoeverHasNobodyToHandOverToGoesOn() {
        Executor noThreads = task -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        Recorder core = new Recorder();
        SerialQueue<Integer> queue = new SerialQueue<>(core, noThreads);
        queue.postLater(1);
        assertThat(core.log).containsExactly("1", "flush");
        core.onApply = () -> queue.post(3);
        queue.postFromUser(2);
        assertThat(core.log).containsExactly("1", "flush", "2", "flush", "3", "flush");
        queue.post(4);
        assertThat(core.log).endsWith("4", "flush");
    }

    @Test
    void aCoreThatThrowsIsToldAndTheNextEventsAreApplied() {
        List<String> log = new ArrayList<>();
        SerialQueue<Integer> queue = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(Integer event) {
                        if (event == 1) {
                            throw new IllegalStateException("bug");
                        }
                        log.add("applied " + event);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void fault(Throwable bug) {
                        log.add(bug.getMessage());
                    }
                },
                successor);
        queue.post(1);
        queue.post(2);
        assertThat(log).containsExactly("bug", "applied 2");
    }

    @Test
    void manyThreadsNeverEnterTheCoreAtOnceAndEachOnesEventsStayInOrder() throws InterruptedException {
        int threads = 8;
        int perThread = 50_000;
        AtomicBoolean inside = new AtomicBoolean();
        Map<Integer, Integer> lastOf = new HashMap<>();
        CountDownLatch all = new CountDownLatch(threads * perThread);
        List<String> wrong = new ArrayList<>();
        SerialQueue<int[]> queue = new SerialQueue<>(
                new SerialQueue.Core<>() {
                    @Override
                    public void apply(int[] event) {
                        if (!inside.compareAndSet(false, true)) {
                            wrong.add("two at once");
                        }
                        Integer before = lastOf.put(event[0], event[1]);
                        if (before != null && before != event[1] - 1) {
                            wrong.add("thread " + event[0] + ": " + event[1] + " after " + before);
                        }
                        inside.set(false);
                        all.countDown();
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void fault(Throwable bug) {
                        wrong.add(bug.toString());
                    }
                },
                successor);
        List<Thread> posters = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int id = t;
            Thread poster = new Thread(() -> {
                for (int i = 0; i < perThread; i++) {
                    int[] event = {id, i};
                    switch (i % 3) {
                        case 0 -> queue.post(event);
                        case 1 -> queue.postFromUser(event);
                        default -> queue.postLater(event);
                    }
                }
            });
            poster.start();
            posters.add(poster);
        }
        for (Thread poster : posters) {
            poster.join();
        }
        assertThat(await(all)).isTrue();
        assertThat(wrong).isEmpty();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes down what it is told. */
    private static final class Recorder implements SerialQueue.Core<Integer> {
        private final List<String> log = new ArrayList<>();
        private Runnable onApply = () -> {};

        @Override
        public void apply(Integer event) {
            log.add(event.toString());
            Runnable now = onApply;
            onApply = () -> {};
            now.run();
        }

        @Override
        public void flush() {
            log.add("flush");
        }

        @Override
        public void fault(Throwable bug) {
            throw new AssertionError(bug);
        }
    }
}
