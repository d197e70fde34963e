package io.farpool;

import io.farpool.context.CurrentTask;

/**
 * What a running task can know of itself and say about itself. Safe to use anywhere: outside a task it says so and does
 * nothing.
 *
 * <pre>{@code
 * for (int step = 0; step < steps && !TaskContext.current().isCancelled(); step++) {
 *     advance();
 *     TaskContext.current().progress((double) step / steps, "step " + step);
 * }
 * }</pre>
 *
 * <p>Thread-safe. In a worker process every thread sees the task that runs there; in a {@link ThreadPoolExecutor} only the
 * task's own thread does.
 */
public interface TaskContext {
    /**
     * The context of the task that runs here.
     *
     * @return never null; outside a task, one whose {@link #taskId()} is empty
     */
    static TaskContext current() {
        return CurrentTask.get();
    }

    /**
     * Names the task in messages and logs.
     *
     * @return the id, or empty outside a task
     */
    String taskId();

    /**
     * Which start of the task this is.
     *
     * @return 1 for the first; 0 outside a task
     */
    int attempt();

    /**
     * The host the task runs on.
     *
     * @return its name, or empty outside a task
     */
    String host();

    /**
     * Whether nobody wants the task's outcome any more. A task that asks can end early; one that does not is interrupted if
     * it was cancelled with {@code cancel(true)}.
     *
     * @return true once that is known here
     */
    boolean isCancelled();

    /**
     * Says how far the task is. It goes to the client, which does not show it yet. Only the latest is kept, so call it as often as you
     * like.
     *
     * @param fraction from 0 to 1; what is outside is brought inside
     * @param message what the task is doing, of which the first 4,096 characters go there
     */
    void progress(double fraction, String message);
}
