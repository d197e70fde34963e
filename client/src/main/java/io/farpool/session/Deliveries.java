package io.farpool.session;

import io.farpool.codec.PayloadCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns what the core has finished into the state of futures, on completion threads, and knows which of these may not be done
 * yet. Thread-safe.
 */
final class Deliveries {
    private static final long LOOK_AGAIN_MILLIS = 5;

    private final PayloadCodec payloads;
    private final KeepAlive keepAlive;
    private final CompletionDispatcher dispatcher = new CompletionDispatcher("farpool-completion");

    /** Handed to the dispatcher and not known to be done. */
    private final Set<TaskFuture<?>> beingCompleted = ConcurrentHashMap.newKeySet();

    /** @param keepAlive held while a future is being completed, callbacks included */
    Deliveries(PayloadCodec payloads, KeepAlive keepAlive) {
        this.payloads = payloads;
        this.keepAlive = keepAlive;
    }

    /** Completes these, in this order. Returns at once. */
    void start(List<SessionCore.Finished> finished) {
        List<Runnable> deliveries = new ArrayList<>(finished.size());
        for (SessionCore.Finished one : finished) {
            beingCompleted.add(one.future());
            keepAlive.hold();
            deliveries.add(() -> deliver(one));
        }
        dispatcher.dispatch(deliveries);
    }

    private void deliver(SessionCore.Finished finished) {
        TaskFuture<?> future = finished.future();
        try {
            if (finished.completion() != null) {
                future.deliver(finished.completion(), payloads);
            } else {
                future.fail(finished.reason());
            }
        } finally {
            beingCompleted.remove(future);
            keepAlive.release();
        }
    }

    /** Whether every future that was to be completed is done. Callbacks may still run. */
    boolean areDone() {
        beingCompleted.removeIf(TaskFuture::isDone);
        return beingCompleted.isEmpty();
    }

    /**
     * Waits until {@link #areDone}. What callbacks do is not waited for, so it may be called from one.
     *
     * @param deadlineNanos by {@code System.nanoTime}
     * @return false when the time was up before
     */
    boolean awaitDone(long deadlineNanos) throws InterruptedException {
        while (!areDone()) {
            if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
            for (TaskFuture<?> future : beingCompleted) {
                future.awaitDone(LOOK_AGAIN_MILLIS);
                break;
            }
        }
        return true;
    }

    /** Lets the threads end. */
    void close() {
        dispatcher.close();
    }
}
