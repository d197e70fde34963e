package io.farpool;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The worker process or the host that ran the task died under it, and the task had no attempt left. Other tasks are not
 * affected, and the pool goes on.
 *
 * <p>To have such a task tried again, give it {@link TaskOptions#attempts(int)}.
 */
public class WorkerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name of the host, or empty. */
    private final String host;

    /** The process id, or 0. */
    private final long pid;

    /** The exit status, if known. */
    private final @Nullable Integer exitCode;

    /** The number of the signal, if one is known. */
    private final @Nullable Integer signal;

    /** The last lines of standard error. */
    private final List<String> lastStderrLines;

    /** Starts in all. */
    private final int attempts;

    /**
     * Says what was lost and how.
     *
     * @param message the whole story in a sentence
     * @param host the host's name, or empty if it never came to one
     * @param pid the worker process's id, or 0 if there was none
     * @param exitCode the status the process exited with, or null if it did not exit or that is not known
     * @param signal the number of the signal that killed the process, or null if none did or that is not known
     * @param lastStderrLines the last lines the process wrote to its standard error, the newest last
     * @param attempts how often the task was started in all
     */
    public WorkerLostException(
            String message,
            String host,
            long pid,
            @Nullable Integer exitCode,
            @Nullable Integer signal,
            List<String> lastStderrLines,
            int attempts) {
        super(message);
        this.host = host;
        this.pid = pid;
        this.exitCode = exitCode;
        this.signal = signal;
        this.lastStderrLines = List.copyOf(lastStderrLines);
        this.attempts = attempts;
    }

    /**
     * The host the task ran on.
     *
     * @return its name, or empty if the task never came to one
     */
    public String host() {
        return host;
    }

    /**
     * The worker process that ran the task.
     *
     * @return its process id on its host, or 0 if there was none
     */
    public long pid() {
        return pid;
    }

    /**
     * The status the process exited with.
     *
     * @return the status, or empty if the process did not exit by itself or that is not known
     */
    public OptionalInt exitCode() {
        return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /**
     * The signal that killed the process.
     *
     * @return the number of the signal, or empty if none did or that is not known
     */
    public OptionalInt signal() {
        return signal == null ? OptionalInt.empty() : OptionalInt.of(signal);
    }

    /**
     * What the process wrote last to its standard error.
     *
     * @return at most the last 20 lines, the newest last
     */
    public List<String> lastStderrLines() {
        return lastStderrLines;
    }

    /**
     * How often the task was started.
     *
     * @return the number of starts in all, the lost one included
     */
    public int attempts() {
        return attempts;
    }
}
