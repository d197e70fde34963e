package io.farpool.process;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Does what the task thread cannot while it is inside a task: hears the daemon, and sends what short tasks before it left in
 * the {@link Outbox}.
 *
 * <p>While short tasks leave outcomes it looks when the oldest is due, so that they need not wake it; while none do, as often
 * as a cancel must be heard; and it sleeps when there have been no tasks for a second. Each look takes a core from a task.
 */
final class Attendant extends Thread {
    /** Beside a task that has run for so long it reads. Less than the time between two calm looks. */
    private static final long LONG_TASK_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

    private static final long CALM_LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(16);
    private static final int IDLE_LOOKS_BEFORE_SLEEP = 60;

    private final Inbox inbox;
    private final Outbox outbox;
    private final DaemonConnection connection;
    private final Consumer<Throwable> cannotGoOn;
    private final long calmLookEveryNanos;

    /** Tasks started; the task thread alone writes it. */
    private volatile long started;
    /** Whether the task thread is inside a task. */
    private volatile boolean busy;

    private volatile boolean asleep;
    /** An outcome has been left since the last look. */
    private volatile boolean left;
    /** At the last look none had been left since the one before, nor has since. */
    private volatile boolean calm = true;
    /** It waits for the daemon to say something. */
    private volatile boolean reads;
    /** The daemon was asked something. */
    private volatile boolean asked;

    /** The task thread has read its last, and hooks of tasks may hold up the exit. */
    private volatile boolean exiting;

    Attendant(Inbox inbox, Outbox outbox, DaemonConnection connection, Consumer<Throwable> cannotGoOn) {
        this(inbox, outbox, connection, cannotGoOn, CALM_LOOK_EVERY_NANOS);
    }

    Attendant(
            Inbox inbox,
            Outbox outbox,
            DaemonConnection connection,
            Consumer<Throwable> cannotGoOn,
            long calmLookEveryNanos) {
        super("farpool-attendant");
        this.calmLookEveryNanos = calmLookEveryNanos;
        this.inbox = inbox;
        this.outbox = outbox;
        this.connection = connection;
        this.cannotGoOn = cannotGoOn;
        setDaemon(true);
    }

    /** The task thread enters a task. */
    void taskStarts() {
        long now = started + 1; // the task thread alone writes it
        started = now;
        busy = true;
        if (asleep) {
            asleep = false;
            LockSupport.unpark(this);
        }
    }

    /** The task thread has left an outcome in the outbox, and goes on. */
    void outcomeLeft() {
        if (reads) {
            outbox.flush(); // until the daemon says something, nobody else would
            return;
        }
        left = true;
        if (calm) {
            calm = false;
            LockSupport.unpark(this);
        }
    }

    /** A task has asked the daemon something, and waits: the answer is to be heard at once. */
    void answerExpected() {
        asked = true;
        LockSupport.unpark(this);
    }

    /** The task thread has nothing more to run. */
    void nothingToRun() {
        busy = false;
    }

    /** The process was told to stop: nobody but this thread hears the daemon any more. */
    void exitBegins() {
        exiting = true;
        taskStarts();
    }

    @Override
    public void run() {
        long seen = 0;
        long seenSinceNanos = 0;
        int idleLooks = 0;
        try {
            while (true) {
                waitForNextLook();
                boolean listens = asked;
                asked = false;
                if (exiting) {
                    connection.readAway();
                    continue;
                }
                // Said before the outbox is looked into: what is left later finds it said.
                calm = !left;
                left = false;
                outbox.flushIfDue();
                if (outbox.size() > 0) {
                    calm = false;
                }
                if (!busy) {
                    if (++idleLooks >= IDLE_LOOKS_BEFORE_SLEEP) {
                        sleepUntilBusy();
                        idleLooks = 0;
                    }
                    continue;
                }
                idleLooks = 0;
                long task = started;
                long now = System.nanoTime();
                if (task != seen) {
                    seen = task;
                    seenSinceNanos = now;
                } else if (now - seenSinceNanos >= LONG_TASK_NANOS) {
                    listens = true; // it is a long one
                }
                if (listens) {
                    readWhileTaskRuns(task);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            // Without this thread no cancel would be heard any more.
            cannotGoOn.accept(e);
        }
    }

    /** The long wait is over as soon as something is left; what follows that is waited for as it always is. */
    private void waitForNextLook() {
        Thread.interrupted(); // a task's doing: with it nothing below would wait
        if (calm && !asked) {
            LockSupport.parkNanos(calmLookEveryNanos);
        }
        if (!calm && !asked) {
            LockSupport.parkNanos(outbox.nanosUntilDue());
        }
    }

    private void readWhileTaskRuns(long task) throws IOException {
        reads = true;
        // What was left before that was said; see outcomeLeft.
        outbox.flush();
        inbox.readWhile(() -> started == task);
        reads = false;
    }

    private void sleepUntilBusy() {
        asleep = true;
        while (asleep && !busy) {
            LockSupport.park(this);
            Thread.interrupted();
        }
        asleep = false;
    }
}
