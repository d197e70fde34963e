package io.farpool.process;

import io.farpool.blob.BlobDigest;
import io.farpool.proto.v1.BlobFile;
import io.farpool.proto.v1.Digest;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.FrameException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have arrived and not started, and the question who reads the socket.
 *
 * <p>Whoever is free reads: the task thread while it has nothing to run, so that a task that comes alone starts on the very
 * thread that received it, without a hop, and between two tasks to know whether more have come; the {@link Attendant} while a task
 * has been running for a while, so that cancels and recalls are heard. One at a time holds the reading role.
 *
 * <p>Thread-safe. Bounded by the daemon, which never has more than a few hundred tasks at a process.
 */
final class Inbox {
    /** Where frames come from. */
    interface Source {
        /** Blocks until there is at least one. */
        List<ToProcess> read() throws IOException;

        /** Those that have come. Does not wait for more. */
        List<ToProcess> poll() throws IOException;
    }

    /** What waits is work for many milliseconds, and may be wanted elsewhere. */
    private static final long READ_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private interface Reading {
        List<ToProcess> read() throws IOException;
    }

    private final Source source;
    private final LongSupplier nanoClock;
    private final Outbox outbox;
    private final TaskThread taskThread;
    private final SharedCopies shared;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<RunInProcess> waiting = new ArrayDeque<>();
    /** The last read that brought tasks brought more than one. */
    private boolean severalCame;

    private long readNanos;
    private boolean someoneReads;
    private boolean taskThreadWaits;
    private boolean stopped;

    Inbox(Source source, Outbox outbox, TaskThread taskThread, SharedCopies shared) {
        this(source, outbox, taskThread, shared, System::nanoTime);
    }

    Inbox(Source source, Outbox outbox, TaskThread taskThread, SharedCopies shared, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.source = source;
        this.outbox = outbox;
        this.taskThread = taskThread;
        this.shared = shared;
    }

    /**
     * What the process is to prepare, waited for: the first frame. What came with it is taken as what comes later is.
     *
     * @throws FrameException when the first frame is another
     */
    Prepare takePrepare() throws IOException {
        lock.lock();
        try {
            List<ToProcess> frames = unlocked(source::read);
            if (!frames.get(0).hasPrepare()) {
                throw new FrameException("the daemon's first frame is not Prepare");
            }
            apply(frames.subList(1, frames.size()));
            return frames.get(0).getPrepare();
        } finally {
            lock.unlock();
        }
    }

    /** The next task, if one has arrived already. */
    @Nullable
    RunInProcess poll() {
        lock.lock();
        try {
            return next();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether so many tasks have arrived and not started. If tasks come several at a time, and more than one is asked for, what lies
     * in the socket counts: it is read then, and also when nobody has read for a while, so that tasks are handed back in time. For
     * the task thread.
     */
    boolean has(int tasks) throws IOException {
        lock.lock();
        try {
            boolean mayCome = severalCame || !waiting.isEmpty();
            if (mayCome && !someoneReads && !stopped && ((tasks > 1 && waiting.size() < tasks) || isLongSinceRead())) {
                apply(unlocked(source::poll));
            }
            return waiting.size() >= tasks;
        } finally {
            lock.unlock();
        }
    }

    /** The next task, waited for; null when the daemon has said stop and everything before it was taken. For the task thread. */
    @Nullable
    RunInProcess take() throws IOException {
        lock.lock();
        try {
            while (true) {
                RunInProcess next = next();
                if (next != null) {
                    return next;
                }
                if (stopped) {
                    return null;
                }
                if (someoneReads) {
                    taskThreadWaits = true;
                    arrived.awaitUninterruptibly();
                    taskThreadWaits = false;
                } else {
                    readOnce();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable RunInProcess next() {
        RunInProcess next = waiting.poll();
        if (next != null) {
            taskThread.takesUp(next.getOrdinal());
        }
        return next;
    }

    private boolean isLongSinceRead() {
        return nanoClock.getAsLong() - readNanos >= READ_EVERY_NANOS;
    }

    /**
     * Reads as long as a task runs, and until the next frame after that, or the task thread waits for one; once the daemon has said
     * stop, looks without waiting, to know whether it is still there. For the attendant.
     */
    void readWhile(BooleanSupplier taskRuns) throws IOException {
        lock.lock();
        try {
            if (someoneReads) {
                return;
            }
            if (stopped) {
                apply(unlocked(source::poll));
                return;
            }
            do {
                readOnce();
            } while (!taskThreadWaits && !stopped && taskRuns.getAsBoolean());
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    private void readOnce() throws IOException {
        apply(unlocked(source::read));
    }

    private List<ToProcess> unlocked(Reading reading) throws IOException {
        someoneReads = true;
        lock.unlock();
        try {
            return reading.read();
        } finally {
            lock.lock();
            someoneReads = false;
            readNanos = nanoClock.getAsLong();
        }
    }

    private void apply(List<ToProcess> frames) {
        int came = 0;
        for (ToProcess frame : frames) {
            came += frame.getRunsCount();
            apply(frame);
        }
        if (came > 0) {
            severalCame = came > 1;
        }
    }

    private void apply(ToProcess frame) {
        waiting.addAll(frame.getRunsList());
        List<Long> withdrawn = new ArrayList<>(0);
        for (long ordinal : frame.getWithdrawList()) {
            if (withdraw(ordinal)) {
                withdrawn.add(ordinal);
            }
        }
        if (!withdrawn.isEmpty()) {
            outbox.send(FromProcess.newBuilder().addAllWithdrawn(withdrawn).build());
        }
        if (frame.getInterrupt() != 0) {
            taskThread.interruptTask(frame.getInterrupt());
        }
        for (BlobFile blob : frame.getBlobsList()) {
            arrived(blob);
        }
        for (Digest digest : frame.getForgetList()) {
            shared.forget(BlobDigest.of(digest));
        }
        stopped |= frame.getStop();
    }

    private void arrived(BlobFile blob) {
        BlobDigest digest = BlobDigest.of(blob.getDigest());
        switch (blob.getKindCase()) {
            case PATH -> shared.arrived(digest, Path.of(blob.getPath()));
            case FAILURE -> shared.failed(digest, blob.getFailure());
            case KIND_NOT_SET -> shared.failed(digest, "the daemon does not say where it is");
        }
    }

    private boolean withdraw(long ordinal) {
        // Withdrawn tasks are the last to run, so they are looked for from the end.
        for (Iterator<RunInProcess> from = waiting.descendingIterator(); from.hasNext(); ) {
            if (from.next().getOrdinal() == ordinal) {
                from.remove();
                return true;
            }
        }
        return false;
    }
}
