package io.farpool.process;

/**
 * The thread that a worker process runs its tasks on, and that does the socket's reading and writing in between.
 *
 * <p>A task may leave threads behind that interrupt "its" thread long after it has ended, so outside a task interrupts are
 * ignored here: a stray one must not reach the task that comes next.
 */
final class TaskThread extends Thread {
    private final Object taskLock = new Object();
    /** The ordinal of the task that is being run; 0: none. */
    private long ordinal;
    /** The ordinal of the task that was taken up last: it is about to run, or runs, or has run. */
    private long takenUp;
    /** That one was told to stop while it did not run. */
    private boolean interruptedAhead;
    /** The ordinal of the task that was last told to stop. It stays said when the task has taken the interrupt. */
    private volatile long cancelled;

    TaskThread(Runnable body) {
        super(null, body, "farpool-task");
    }

    /** A task will be entered next: an interrupt for it that comes until then waits for that. */
    void takesUp(long taskOrdinal) {
        synchronized (taskLock) {
            takenUp = taskOrdinal;
            interruptedAhead = false;
        }
    }

    /** Enters a task: from here on interrupts are the task's. */
    void enter(long taskOrdinal) {
        synchronized (taskLock) {
            ordinal = taskOrdinal;
            if (interruptedAhead && takenUp == taskOrdinal) {
                interruptTask(taskOrdinal);
            }
        }
    }

    /** Leaves the task, and drops an interrupt that it has not taken. */
    void leave() {
        synchronized (taskLock) {
            ordinal = 0;
            Thread.interrupted();
        }
    }

    /** Interrupts the task of that ordinal, if it is the one that runs or, once it has been taken up, will. Any thread may call this. */
    void interruptTask(long taskOrdinal) {
        synchronized (taskLock) {
            if (ordinal == taskOrdinal) {
                cancelled = taskOrdinal;
                super.interrupt();
            } else if (takenUp == taskOrdinal) {
                interruptedAhead = true;
            }
        }
    }

    /** Whether the task of that ordinal has been told to stop. */
    boolean isCancelled(long taskOrdinal) {
        return cancelled == taskOrdinal;
    }

    @Override
    public void interrupt() {
        synchronized (taskLock) {
            if (ordinal != 0) {
                super.interrupt();
            }
        }
    }
}
