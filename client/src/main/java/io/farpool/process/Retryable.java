package io.farpool.process;

import io.farpool.RemoteCallable;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A task with the exceptions after which its options allow another attempt. It travels with the task because only the
 * process that runs it can tell: the coordinator and the daemon know no user's class.
 */
public record Retryable<T>(Callable<T> task, List<Class<? extends Throwable>> retryOn) implements RemoteCallable<T> {
    private static final long serialVersionUID = 1L;

    @Override
    public T call() throws Exception {
        try {
            return task.call();
        } catch (Throwable thrown) {
            if (retryOn.stream().anyMatch(type -> type.isInstance(thrown))) {
                throw new Marked(thrown);
            }
            throw thrown;
        }
    }

    /** Says from within the process that what was thrown may be retried; never leaves it. */
    static final class Marked extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Throwable thrown;

        Marked(Throwable thrown) {
            super(null, thrown, false, false);
            this.thrown = thrown;
        }

        Throwable thrown() {
            return thrown;
        }
    }
}
