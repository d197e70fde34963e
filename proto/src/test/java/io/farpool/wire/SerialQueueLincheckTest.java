package io.farpool.wire;

import io.farpool.interleaving.Interleavings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every interleaving, up to a bound, of threads that post into a queue: each event is applied once, those of one thread in
 * their order, never two at a time, and none stays without a flush after it.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SerialQueueLincheckTest {
    private static final int AGAIN = 100;
    private static final int APPLY_THROWS = 200;
    private static final int FLUSH_THROWS = 300;

    /** Not thread-safe, as cores are: two threads in it at once lose something. Hand-overs go to a thread each. */
    private static final class Recorder implements SerialQueue.Core<Integer> {
        private final List<Thread> successors = new ArrayList<>();
        private final SerialQueue<Integer> queue = new SerialQueue<>(this, this::startSuccessor);
        private final List<Integer> applied = new ArrayList<>();
        private final List<Thread> appliedBy = new ArrayList<>();
        private final List<String> faults = new ArrayList<>();
        private volatile boolean inside;
        private boolean unflushed;
        private boolean throwInFlush;

        private void startSuccessor(Runnable rest) {
            Thread successor = new Thread(rest);
            synchronized (successors) {
                successors.add(successor);
            }
            successor.start();
        }

        @Override
        public void apply(Integer event) {
            enter();
            applied.add(event);
            appliedBy.add(Thread.currentThread());
            unflushed = true;
            if (event / AGAIN == 1) {
                queue.post(event - AGAIN);
            }
            throwInFlush = event / AGAIN == 3;
            inside = false;
            if (event / AGAIN == 2) {
                throw new IllegalStateException("apply");
            }
        }

        @Override
        public void flush() {
            enter();
            unflushed = false;
            boolean bug = throwInFlush;
            throwInFlush = false;
            inside = false;
            if (bug) {
                throw new IllegalStateException("flush");
            }
        }

        @Override
        public void fault(Throwable bug) {
            enter();
            faults.add(bug.getMessage());
            inside = false;
        }

        private void enter() {
            if (inside) {
                throw new AssertionError("two threads in the core");
            }
            inside = true;
        }

        /** Waits for the last successor: one is started before the one that starts it ends. */
        void awaitIdle() {
            for (int i = 0; ; i++) {
                Thread successor;
                synchronized (successors) {
                    if (i == successors.size()) {
                        return;
                    }
                    successor = successors.get(i);
                }
                Interleavings.join(successor);
            }
        }

        void expect(List<String> expectedFaults, int... events) {
            awaitIdle();
            if (applied.size() != events.length || unflushed) {
                throw new AssertionError(
                        applied + " applied of " + events.length + (unflushed ? ", not flushed" : ", flushed"));
            }
            for (int event : events) {
                if (!applied.contains(event)) {
                    throw new AssertionError(event + " is missing in " + applied);
                }
            }
            if (!faults.equals(expectedFaults)) {
                throw new AssertionError("faults " + faults + ", expected " + expectedFaults);
            }
        }

        void expectInOrder(int first, int second) {
            if (applied.indexOf(first) > applied.indexOf(second)) {
                throw new AssertionError(second + " before " + first + " in " + applied);
            }
        }

        void expectAtMostOneAppliedBy(Thread thread) {
            long own = appliedBy.stream().filter(thread::equals).count();
            if (own > 1) {
                throw new AssertionError("a user's thread has applied " + own + " events for the one it posted");
            }
        }
    }

    @Test
    void oneOfTwoThreadsDrains() {
        Interleavings.explore(300, () -> {
            Recorder core = new Recorder();
            Interleavings.together(() -> core.queue.post(1), () -> core.queue.post(2));
            core.expect(List.of(), 1, 2);
        });
    }

    @Test
    void eventsOfThreadsThatDrainAreAppliedOnceAndInOrder() {
        Interleavings.explore(50, () -> {
            Recorder core = new Recorder();
            Interleavings.together(
                    () -> {
                        core.queue.post(1);
                        core.queue.post(2);
                    },
                    () -> {
                        core.queue.post(11);
                        core.queue.post(12);
                    });
            core.expect(List.of(), 1, 2, 11, 12);
            core.expectInOrder(1, 2);
            core.expectInOrder(11, 12);
        });
    }

    @Test
    void aUsersThreadAppliesOneEventAndHandsTheRestOver() {
        Interleavings.explore(50, () -> {
            Recorder core = new Recorder();
            Thread[] users = new Thread[2];
            Interleavings.together(
                    () -> {
                        core.queue.post(1);
                        core.queue.post(2);
                    },
                    () -> {
                        users[0] = Thread.currentThread();
                        core.queue.postFromUser(11);
                    },
                    () -> {
                        users[1] = Thread.currentThread();
                        core.queue.postFromUser(21);
                    });
            core.expect(List.of(), 1, 2, 11, 21);
            core.expectInOrder(1, 2);
            core.expectAtMostOneAppliedBy(users[0]);
            core.expectAtMostOneAppliedBy(users[1]);
        });
    }

    @Test
    void whatIsLeftToASuccessorIsAppliedAlsoWhenOthersPost() {
        Interleavings.explore(50, () -> {
            Recorder core = new Recorder();
            Interleavings.together(
                    () -> {
                        core.queue.postLater(1);
                        core.queue.postFromUser(2);
                    },
                    () -> {
                        core.queue.postFromUser(11);
                        core.queue.postLater(12);
                    });
            core.expect(List.of(), 1, 2, 11, 12);
            core.expectInOrder(1, 2);
            core.expectInOrder(11, 12);
        });
    }

    @Test
    void whatTheCoreItselfPostsIsAppliedToo() {
        Interleavings.explore(50, () -> {
            Recorder core = new Recorder();
            Interleavings.together(() -> core.queue.postFromUser(AGAIN + 1), () -> core.queue.post(AGAIN + 2));
            core.expect(List.of(), AGAIN + 1, AGAIN + 2, 1, 2);
            core.expectInOrder(AGAIN + 1, 1);
            core.expectInOrder(AGAIN + 2, 2);
        });
    }

    @Test
    void aFaultDelaysNothing() {
        Interleavings.explore(10, () -> {
            Recorder core = new Recorder();
            Interleavings.together(
                    () -> core.queue.postFromUser(APPLY_THROWS), () -> core.queue.postFromUser(1), () -> {
                        core.queue.post(2);
                    });
            core.expect(List.of("apply"), APPLY_THROWS, 1, 2);
        });
        Interleavings.explore(10, () -> {
            Recorder core = new Recorder();
            Interleavings.together(() -> core.queue.postFromUser(FLUSH_THROWS), () -> core.queue.postFromUser(1));
            core.awaitIdle();
            if (core.applied.size() != 2) {
                throw new AssertionError(core.applied + " applied, expected two events");
            }
        });
    }
}
