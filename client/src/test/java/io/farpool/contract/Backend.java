package io.farpool.contract;

import io.farpool.BrokenExecutorException;
import io.farpool.PoolExecutor;
import io.farpool.RemoteFunction;
import io.farpool.RemoteRunnable;
import org.jspecify.annotations.Nullable;

/** An executor under test. */
public interface Backend {
    /** Makes a pool of at most so many workers. */
    PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer);

    /** Makes a pool of at most so many workers, whose initializer has an argument. */
    <A> PoolExecutor newPool(int workers, RemoteFunction<? super A, ?> initializer, A argument);

    /** Whether tasks run in other processes: they get copies and share no memory with the test. */
    boolean processes();

    /** What a broken pool throws. */
    Class<? extends BrokenExecutorException> brokenException();
}
