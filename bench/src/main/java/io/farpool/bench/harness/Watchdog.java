package io.farpool.bench.harness;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Kills a process, with all that it has started, unless it is stopped in time: so that a system that hangs does not hang the run. */
final class Watchdog {
    private final CompletableFuture<Boolean> bite = new CompletableFuture<>();

    Watchdog(ProcessTree tree, long seconds) {
        CompletableFuture<Void> unused =
                bite.completeOnTimeout(true, seconds, TimeUnit.SECONDS).thenRun(tree::kill);
    }

    boolean hasBitten() {
        return bite.isDone();
    }

    void stop() {
        boolean unused = bite.cancel(false);
    }
}
