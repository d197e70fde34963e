package io.farpool.wire;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Applies events to a core one at a time, in the order they were posted, on the threads that post them: no lock, and no
 * hop to another thread while there is little to do.
 *
 * <p>Whoever posts into an idle queue becomes its drainer: it applies what is there, lets the core {@linkplain
 * Core#flush() flush} once for everything applied together, and leaves when the queue is empty. Posting into a busy queue
 * (also from within the core's own {@code apply} or {@code flush}) only enqueues. So what arrives alone leaves at once, and
 * what arrives together leaves together.
 *
 * <p>A drainer must not be held for ever by events that others keep posting: after a bounded number of events it hands
 * over to the executor. A user's thread ({@link #postFromUser}) applies at most its own event. Where the executor needs a thread and
 * the system has none, they go on instead.
 *
 * <p>Thread-safe. The core's methods are never called by two threads at once, and each call sees all that earlier calls did.
 *
 * @param <E> what the core is told
 */
public final class SerialQueue<E> {

    /** What a queue drives. A core does not block and does not throw; if it throws all the same, that is a bug of its own. */
    public interface Core<E> {
        /** Takes in one event. */
        void apply(E event);

        /** Sends out what the events applied since the last flush have led to. */
        void flush();

        /** Is told of a bug: {@code apply} or {@code flush} threw. The queue goes on with the next event. */
        void fault(Throwable bug);
    }

    /** Events that one of Farpool's own threads applies before it hands over. */
    static final int EVENTS_PER_TURN = 1_024;

    private final Core<? super E> core;
    private final Executor successor;
    private final Queue<E> events = new ConcurrentLinkedQueue<>();
    /** Events posted and not yet applied and flushed. Who raises it from 0 is the drainer, until it is 0 again. */
    private final AtomicInteger outstanding = new AtomicInteger();

    /**
     * @param core what the events are for
     * @param successor runs the rest when a drainer has done its turn
     */
    public SerialQueue(Core<? super E> core, Executor successor) {
        this.core = core;
        this.successor = successor;
    }

    /** Posts from one of Farpool's own threads, which drains the queue where it stands if nobody else does. */
    public void post(E event) {
        events.add(event);
        if (outstanding.getAndIncrement() == 0) {
            drain(EVENTS_PER_TURN);
        }
    }

    /** Posts from a user's thread, which applies its own event if the queue is idle and leaves anything more to others. */
    public void postFromUser(E event) {
        events.add(event);
        if (outstanding.getAndIncrement() == 0) {
            drain(1);
        }
    }

    /** Posts without applying anything on this thread, unless there is no other to be had. */
    public void postLater(E event) {
        events.add(event);
        if (outstanding.getAndIncrement() == 0 && !handOver()) {
            drain(EVENTS_PER_TURN);
        }
    }

    /** False if no thread can be had for it: then whoever hands over goes on, as nobody else would. */
    private boolean handOver() {
        try {
            successor.execute(() -> drain(EVENTS_PER_TURN));
            return true;
        } catch (OutOfMemoryError noThread) {
            return false;
        }
    }

    private void drain(int mostEvents) {
        int left = mostEvents;
        int waiting = outstanding.get();
        while (true) {
            int batch = Math.min(waiting, left);
            for (int i = 0; i < batch; i++) {
                applyNext();
            }
            flush();
            left -= batch;
            waiting = outstanding.addAndGet(-batch);
            if (waiting == 0) {
                return;
            }
            if (left == 0) {
                if (handOver()) {
                    return;
                }
                left = EVENTS_PER_TURN;
            }
        }
    }

    private void applyNext() {
        try {
            core.apply(events.remove());
        } catch (Throwable bug) {
            core.fault(bug);
        }
    }

    private void flush() {
        try {
            core.flush();
        } catch (Throwable bug) {
            core.fault(bug);
        }
    }
}
