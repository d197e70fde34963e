package io.farpool.process;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.wire.ProcessNotes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Outcomes on their way to the daemon. One that comes alone leaves at once; while more tasks wait, the outcomes of short
 * ones are gathered, since each frame wakes three other processes one after another, and a thread that wakes beside tasks takes
 * some 100 µs of their cores. They leave as soon as they are as many as the tasks that wait, which run while the daemon sends
 * more; those of microseconds when no task waits, since the others would not take as long as that does. What has been gathered is in
 * the {@link ProcessNotes}, so that it is not lost with the process.
 *
 * <p>Thread-safe: the task thread adds and flushes, the {@link Attendant} flushes what a long task would hold up, and what a task
 * itself has to say is sent by a thread of its own.
 */
final class Outbox {
    /** Where frames go; blocks while the daemon does not take them. */
    interface Sink {
        void write(MessageLite frame) throws IOException;

        void write(ByteBuffer frame) throws IOException;
    }

    /** An outcome waits so long for others, if its task took less. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    /** Tasks that take longer together can hide the way to the coordinator and back. */
    private static final long ROUND_TRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Sink sink;
    private final ProcessNotes notes;
    private final Runnable daemonGone;
    private final Executor sender;
    private final LongSupplier nanoClock;
    private int gathered;
    private long gatheredSinceNanos;
    /** When the first of their tasks started. */
    private long startedNanos;

    /** @param sender a thread that no task can interrupt */
    Outbox(Sink sink, ProcessNotes notes, Runnable daemonGone, Executor sender) {
        this(sink, notes, daemonGone, sender, System::nanoTime);
    }

    Outbox(Sink sink, ProcessNotes notes, Runnable daemonGone, Executor sender, LongSupplier nanoClock) {
        this.sink = sink;
        this.notes = notes;
        this.daemonGone = daemonGone;
        this.sender = sender;
        this.nanoClock = nanoClock;
    }

    /** Sends one frame soon, for a thread that is inside a task: an interrupt of the task's would be lost while it waits for the daemon. */
    void sendForTask(FromProcess frame) {
        sender.execute(() -> send(frame));
    }

    /** Sends one frame before anything gathered later. */
    synchronized void send(FromProcess frame) {
        flush();
        write(frame);
    }

    /** How many tasks should wait for an outcome that comes now to be left. */
    synchronized int enough(ProcessOutcome outcome) {
        long tookNanos = gathered == 0 ? outcome.getRunNanos() : nanoClock.getAsLong() - startedNanos;
        return tookNanos < ROUND_TRIP_NANOS ? 1 : gathered + 2;
    }

    /** Takes an outcome, and sends it; or leaves it, and returns true, if enough tasks wait. */
    synchronized boolean outcome(ProcessOutcome outcome, boolean enoughWait) {
        if (!gather(outcome)) {
            write(FromProcess.newBuilder().addOutcomes(outcome).build());
        } else if (!enoughWait || outcome.getRunNanos() > GATHER_NANOS || nanosUntilDue() <= 0) {
            flush();
        }
        return gathered > 0;
    }

    /** Whether there is room for it; if not, nothing is left. */
    private boolean gather(ProcessOutcome outcome) {
        if (namesFile(outcome) || !leave(outcome)) {
            flush();
            return false;
        }
        if (gathered++ == 0) {
            gatheredSinceNanos = nanoClock.getAsLong();
            startedNanos = gatheredSinceNanos - outcome.getRunNanos();
        }
        return true;
    }

    private boolean leave(ProcessOutcome outcome) {
        if (notes.leave(outcome)) {
            return true;
        }
        flush();
        return notes.leave(outcome);
    }

    private static boolean namesFile(ProcessOutcome outcome) {
        return outcome.getResult().hasReference()
                || outcome.getFailure().getException().hasReference();
    }

    /** How many have been left. */
    synchronized int size() {
        return gathered;
    }

    /** How soon what has been left is to be sent; while there is none, how soon what would be left now. */
    synchronized long nanosUntilDue() {
        return gathered == 0 ? GATHER_NANOS : gatheredSinceNanos + GATHER_NANOS - nanoClock.getAsLong();
    }

    synchronized void flushIfDue() {
        if (nanosUntilDue() <= 0) {
            flush();
        }
    }

    synchronized void flush() {
        if (gathered > 0) {
            try {
                sink.write(notes.left());
                notes.sent();
                gathered = 0;
            } catch (IOException e) {
                daemonGone.run();
            }
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
