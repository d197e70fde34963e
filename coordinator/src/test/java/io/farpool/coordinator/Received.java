package io.farpool.coordinator;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The receiving end of a stream under test: keeps what comes, and waits for it. */
public class Received<M> implements StreamObserver<M> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<M> messages = new ArrayList<>();
    private @Nullable Status ended;

    @Override
    public void onNext(M message) {
        synchronized (this) {
            messages.add(message);
            notifyAll();
        }
    }

    @Override
    public synchronized void onError(Throwable failure) {
        ended = Status.fromThrowable(failure);
        notifyAll();
    }

    @Override
    public synchronized void onCompleted() {
        ended = Status.OK;
        notifyAll();
    }

    /** All messages so far. */
    public synchronized List<M> messages() {
        return List.copyOf(messages);
    }

    /** How the stream ended; null while it has not. */
    public synchronized @Nullable Status ended() {
        return ended;
    }

    /** Waits until what has come satisfies the condition. */
    public synchronized List<M> await(String what, Predicate<List<M>> condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(messages)) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                throw new AssertionError("waited in vain for " + what + "; ended: " + ended + ", came: " + messages);
            }
            wait(leftMillis);
        }
        return List.copyOf(messages);
    }

    /** Waits for the end of the stream. */
    public synchronized Status awaitEnd() throws InterruptedException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (ended == null) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                throw new AssertionError("the stream did not end; came: " + messages);
            }
            wait(leftMillis);
        }
        return ended;
    }
}
