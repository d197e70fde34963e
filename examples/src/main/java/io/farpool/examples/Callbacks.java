package io.farpool.examples;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code addDoneCallback} is called however a future ends: with a result, an exception, or by being cancelled. */
@Command(name = "callbacks", description = "Add callbacks to a task that succeeds, one that fails and one cancelled.")
public final class Callbacks implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Callbacks(), args));
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(3);
        try (ProcessPoolExecutor pool = where.pool().maxWorkers(1).build()) {
            PoolFuture<Integer> success = pool.submit(Callbacks::parse, "42");
            PoolFuture<Integer> failure = pool.submit(Callbacks::parse, "forty-two");
            PoolFuture<Integer> cancelled = pool.submit(Callbacks::parse, "43");
            success.addDoneCallback(future -> report("success", future, called));
            failure.addDoneCallback(future -> report("failure", future, called));
            cancelled.addDoneCallback(future -> report("cancelled", future, called));
            cancelled.cancel();
            // Callbacks run on a thread of the pool's, so they may still be at it when the futures are done.
            if (!called.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException(called.getCount() + " of 3 callbacks were not called within a minute");
            }
        }
        return 0;
    }

    private static void report(String name, PoolFuture<?> future, CountDownLatch called) {
        if (future.cancelled()) {
            System.out.println(name + ": was cancelled");
        } else if (future.exception() != null) {
            System.out.println(name + ": failed with " + future.exception());
        } else {
            System.out.println(name + ": returned " + future.result());
        }
        called.countDown();
    }

    private static int parse(String text) throws InterruptedException {
        Thread.sleep(200);
        return Integer.parseInt(text);
    }
}
