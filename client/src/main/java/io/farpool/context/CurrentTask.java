package io.farpool.context;

import io.farpool.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * The task that runs in this thread, or else in this process. Internal: set by what runs tasks, read by {@link
 * TaskContext#current()}. Thread-safe.
 */
public final class CurrentTask {
    private static final ThreadLocal<TaskContext> OF_THREAD = new ThreadLocal<>();

    private static volatile @Nullable TaskContext ofProcess;

    private CurrentTask() {}

    /**
     * The task of this thread, else of this process, else {@link NoTask}.
     *
     * @return never null
     */
    public static TaskContext get() {
        TaskContext context = OF_THREAD.get();
        if (context == null) {
            context = ofProcess;
        }
        return context == null ? NoTask.INSTANCE : context;
    }

    /**
     * Says which task this thread runs.
     *
     * @param context the task, or null when it has ended
     */
    public static void setForThread(@Nullable TaskContext context) {
        if (context == null) {
            OF_THREAD.remove();
        } else {
            OF_THREAD.set(context);
        }
    }

    /**
     * Says which task this process runs, for all its threads: a worker process runs one at a time.
     *
     * @param context the task, or null when it has ended
     */
    public static void setForProcess(@Nullable TaskContext context) {
        ofProcess = context;
    }

    /** What there is outside a task. */
    private enum NoTask implements TaskContext {
        INSTANCE;

        @Override
        public String taskId() {
            return "";
        }

        @Override
        public int attempt() {
            return 0;
        }

        @Override
        public String host() {
            return "";
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void progress(double fraction, String message) {}
    }
}
