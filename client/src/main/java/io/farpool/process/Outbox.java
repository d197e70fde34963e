package io.farpool.process;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessOutcome;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Outcomes on their way to the daemon. One that comes alone leaves at once; while more tasks wait, the outcomes of short
 * ones are gathered, so that a thousand tasks of a microsecond do not cost a thousand writes.
 *
 * <p>Thread-safe: the task thread adds and flushes, the {@link Attendant} flushes what a long task would hold up, and what a task
 * itself has to say is sent by a thread of its own.
 */
final class Outbox {
    /** Where frames go; blocks while the daemon does not take them. */
    interface Sink {
        void write(MessageLite frame) throws IOException;
    }

    /** An outcome waits so long for others, if more tasks wait behind it and they take less. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private static final int GATHER_BYTES = 64 << 10;

    private final Sink sink;
    private final Runnable daemonGone;
    private final Executor sender;
    private FromProcess.Builder batch = FromProcess.newBuilder();
    private boolean empty = true;
    private int batchBytes;
    private long batchedSinceNanos;

    /** @param sender a thread that no task can interrupt */
    Outbox(Sink sink, Runnable daemonGone, Executor sender) {
        this.sink = sink;
        this.daemonGone = daemonGone;
        this.sender = sender;
    }

    /** Sends one frame soon, for a thread that is inside a task: an interrupt that it had would close the socket. */
    void sendForTask(FromProcess frame) {
        sender.execute(() -> send(frame));
    }

    /** Sends one frame before anything gathered later. */
    synchronized void send(FromProcess frame) {
        flush();
        write(frame);
    }

    /** Takes an outcome, and sends it; or leaves it, and returns true, if other short ones are likely to follow at once. */
    synchronized boolean outcome(ProcessOutcome outcome, boolean moreTasksWait) {
        long now = System.nanoTime();
        if (empty) {
            batchedSinceNanos = now;
        }
        batch.addOutcomes(outcome);
        empty = false;
        batchBytes += outcome.hasFailure()
                ? outcome.getSerializedSize()
                : outcome.getResult().getInline().size() + 32;
        if (!moreTasksWait
                || outcome.getRunNanos() > GATHER_NANOS
                || now - batchedSinceNanos > GATHER_NANOS
                || batchBytes > GATHER_BYTES) {
            flush();
        }
        return !empty;
    }

    synchronized void withdrawn(long ordinal) {
        batch.addWithdrawn(ordinal);
        empty = false;
    }

    /** Whether nothing has been left. */
    synchronized boolean isEmpty() {
        return empty;
    }

    synchronized void flush() {
        if (!empty) {
            FromProcess frame = batch.build();
            batch = FromProcess.newBuilder();
            empty = true;
            batchBytes = 0;
            write(frame);
        }
    }

    private void write(FromProcess frame) {
        try {
            sink.write(frame);
        } catch (IOException e) {
            daemonGone.run();
        }
    }
}
