package io.farpool.session;

import io.farpool.codec.PayloadCodec;
import io.farpool.proto.v1.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns what the core has finished into the state of futures, on completion threads or, one by itself, in the thread that waits for it;
 * and knows which of these may not be done yet. Thread-safe.
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

    /**
     * Completes these, in this order. Returns at once.
     *
     * <p>One by itself is completed by the thread that waits for it, if there is one: who has tasks run one after another waits for two
     * threads to wake otherwise.
     */
    void start(List<SessionCore.Finished> finished) {
        if (finished.size() == 1 && beingCompleted.isEmpty() && startInWaiter(finished.get(0))) {
            return;
        }
        List<Runnable> deliveries = new ArrayList<>(finished.size());
        for (SessionCore.Finished one : finished) {
            hold(one.future());
            deliveries.add(releasing(one.future(), () -> deliver(one)));
        }
        dispatcher.dispatch(deliveries);
    }

    private boolean startInWaiter(SessionCore.Finished finished) {
        TaskFuture<?> future = finished.future();
        Completion completion = finished.completion();
        if (completion == null) {
            return false;
        }
        hold(future);
        if (future.askWaiter(completion, () -> deliverInWaiter(finished, completion))) {
            return true;
        }
        release(future);
        return false;
    }

    private void deliverInWaiter(SessionCore.Finished finished, Completion completion) {
        TaskFuture<?> future = finished.future();
        // All of it, should what is left of that thread's stack not do: others may wait too.
        Runnable rest = () -> deliver(finished);
        try {
            rest = future.deliverQuietly(completion, payloads);
        } finally {
            if (rest == null) {
                release(future);
            } else {
                dispatcher.dispatch(releasing(future, rest));
            }
        }
    }

    private Runnable releasing(TaskFuture<?> future, Runnable step) {
        return () -> {
            try {
                step.run();
            } finally {
                release(future);
            }
        };
    }

    private void hold(TaskFuture<?> future) {
        beingCompleted.add(future);
        keepAlive.hold();
    }

    private void release(TaskFuture<?> future) {
        beingCompleted.remove(future);
        keepAlive.release();
    }

    private void deliver(SessionCore.Finished finished) {
        if (finished.completion() != null) {
            finished.future().deliver(finished.completion(), payloads);
        } else {
            finished.future().fail(finished.reason());
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
