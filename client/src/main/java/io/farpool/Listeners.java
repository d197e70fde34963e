package io.farpool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Those who are told that one future is done: observers, which wait for it, and callbacks, which are the user's code. Each is
 * told once, in the order in which they were added. It also knows whether any code of the user's may be attached to the future,
 * here or as a dependent of {@code CompletableFuture}. Thread-safe.
 */
final class Listeners<T> {
    /** Values of {@code attached}; it is null at first, and the completing thread while that completes the future quietly. */
    private static final Object SOMETHING = "something attached";

    private static final Object QUIET = "completed quietly";

    /** Between looks whether a quiet completion is through, which takes less unless its thread was descheduled. */
    private static final long ATTACH_PAUSE_NANOS = 1_000;

    private static final VarHandle ATTACHED;
    private static final VarHandle OBSERVERS;
    private static final VarHandle CALLBACKS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ATTACHED = lookup.findVarHandle(Listeners.class, "attached", Object.class);
            OBSERVERS = lookup.findVarHandle(Listeners.class, "observers", Link.class);
            CALLBACKS = lookup.findVarHandle(Listeners.class, "callbacks", Link.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Object attached;
    private volatile @Nullable Link<CompletionObserver> observers;
    private volatile @Nullable Link<Consumer<? super PoolFuture<T>>> callbacks;

    // ------------------------------------------------------------------------------------------ observers

    /** False if they have been told: then this one is not. */
    boolean addObserver(CompletionObserver observer) {
        while (true) {
            Link<CompletionObserver> current = observers;
            if (current == Link.CLOSED) {
                return false;
            }
            if (OBSERVERS.compareAndSet(this, current, new Link<>(observer, current))) {
                return true;
            }
        }
    }

    void removeObserver(CompletionObserver observer) {
        while (true) {
            Link<CompletionObserver> current = observers;
            if (current == null
                    || current == Link.CLOSED
                    || OBSERVERS.compareAndSet(this, current, Link.without(current, observer))) {
                return;
            }
        }
    }

    /** False if none of them completes the future itself. */
    boolean askObservers(Runnable completion) {
        for (Link<CompletionObserver> link = observers; link != null && link != Link.CLOSED; link = link.next) {
            if (Objects.requireNonNull(link.element).completesItself(completion)) {
                return true;
            }
        }
        return false;
    }

    /** False if they have been told before. */
    boolean tellObservers(PoolFuture<?> done) {
        @SuppressWarnings("unchecked")
        Link<CompletionObserver> added = (Link<CompletionObserver>) OBSERVERS.getAndSet(this, Link.CLOSED);
        if (added == Link.CLOSED) {
            return false;
        }
        for (Link<CompletionObserver> link = Link.reversed(added); link != null; link = link.next) {
            Objects.requireNonNull(link.element).futureDone(done);
        }
        return true;
    }

    // ------------------------------------------------------------------------------------------ callbacks

    /** False if they have been called: then this one is not. */
    boolean addCallback(Consumer<? super PoolFuture<T>> callback) {
        while (true) {
            Link<Consumer<? super PoolFuture<T>>> current = callbacks;
            if (current == Link.CLOSED) {
                return false;
            }
            if (CALLBACKS.compareAndSet(this, current, new Link<Consumer<? super PoolFuture<T>>>(callback, current))) {
                return true;
            }
        }
    }

    /** Does nothing if they have been called before. */
    void callCallbacks(PoolFuture<T> done) {
        @SuppressWarnings("unchecked")
        Link<Consumer<? super PoolFuture<T>>> added =
                (Link<Consumer<? super PoolFuture<T>>>) CALLBACKS.getAndSet(this, Link.CLOSED);
        if (added != Link.CLOSED) {
            for (Link<Consumer<? super PoolFuture<T>>> link = Link.reversed(added); link != null; link = link.next) {
                call(Objects.requireNonNull(link.element), done);
            }
        }
    }

    /** What it throws is logged. */
    static <T> void call(Consumer<? super PoolFuture<T>> callback, PoolFuture<T> done) {
        try {
            callback.accept(done);
        } catch (Throwable t) {
            LoggerFactory.getLogger(PoolFuture.class).error("done callback threw future={}", done, t);
        }
    }

    // ------------------------------------------------------------------------------------------ the user's code

    /** Notes that user code is about to be added, or waits the moment that a quiet completion takes. */
    void noteAttached() {
        Object current = attached;
        while (current == null || current instanceof Thread) {
            if (current == Thread.currentThread()) {
                return;
            }
            if (current == null) {
                ATTACHED.compareAndSet(this, null, SOMETHING);
            } else {
                LockSupport.parkNanos(ATTACH_PAUSE_NANOS);
            }
            current = attached;
        }
    }

    /** Whether user code has been added, as far as is known. */
    boolean isAttached() {
        return attached != null;
    }

    /** Begins a quiet completion, in this thread; false if user code has been added. {@link #endQuietly} must follow. */
    boolean beginQuietly() {
        return ATTACHED.compareAndSet(this, null, Thread.currentThread());
    }

    /**
     * Ends a quiet completion.
     *
     * @param completed whether the future has been completed; if not, there is user code
     */
    void endQuietly(boolean completed) {
        attached = completed ? QUIET : SOMETHING;
    }
}
