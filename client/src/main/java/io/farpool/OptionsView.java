package io.farpool;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An executor whose submissions carry options of their own; all else is the pool's. */
final class OptionsView extends AbstractPoolExecutor {
    private final AbstractPoolExecutor pool;

    OptionsView(AbstractPoolExecutor pool, TaskOptions options) {
        super(options);
        this.pool = pool;
    }

    @Override
    protected <T> PoolFuture<T> submitTask(Callable<T> task, TaskOptions taskOptions) {
        return pool.submitTask(task, taskOptions);
    }

    @Override
    protected void requireExecutable(Runnable task) {
        pool.requireExecutable(task);
    }

    @Override
    protected @Nullable Throwable refusal(Object value) {
        return pool.refusal(value);
    }

    @Override
    protected void beginShutdown(boolean cancelFutures) {
        pool.beginShutdown(cancelFutures);
    }

    @Override
    protected boolean inOwnTask() {
        return pool.inOwnTask();
    }

    @Override
    public <T> Shared<T> share(T value) {
        return pool.share(value);
    }

    @Override
    public PoolInfo info() {
        return pool.info();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return pool.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return pool.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return pool.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return pool.awaitTermination(timeout, unit);
    }

    @Override
    public String toString() {
        return pool + " with " + options();
    }
}
