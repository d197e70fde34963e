package io.farpool.contract;

import io.farpool.BrokenExecutorException;
import io.farpool.BrokenProcessPoolException;
import io.farpool.PoolExecutor;
import io.farpool.ProcessContext;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteFunction;
import io.farpool.RemoteRunnable;
import org.jspecify.annotations.Nullable;

/** Worker processes: of this JVM's own, or of the cluster whose coordinator is named. */
record ProcessBackend(@Nullable String coordinator) implements Backend {
    @Override
    public PoolExecutor newPool(int workers, @Nullable RemoteRunnable initializer) {
        return builder(workers).initializer(initializer).build();
    }

    @Override
    public <A> PoolExecutor newPool(int workers, RemoteFunction<? super A, ?> initializer, A argument) {
        return builder(workers).initializer(initializer, argument).build();
    }

    /** Describes a pool, for tests that set more than a {@link Backend} can. */
    ProcessPoolExecutor.Builder builder(int workers) {
        return builder().maxWorkers(workers);
    }

    /** Describes a pool with as many workers as it has by default. */
    ProcessPoolExecutor.Builder builder() {
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder().processContext(shortLived());
        return coordinator == null ? builder : builder.coordinator(coordinator);
    }

    /** Hundreds of worker processes live for a second or less: the second compiler would only cost them time. */
    private static ProcessContext shortLived() {
        return ProcessContext.defaults().jvmOptions("-XX:TieredStopAtLevel=1");
    }

    @Override
    public boolean processes() {
        return true;
    }

    @Override
    public Class<? extends BrokenExecutorException> brokenException() {
        return BrokenProcessPoolException.class;
    }
}
