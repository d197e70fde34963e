package io.farpool.examples;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cancel()} takes back what has not started: eight of ten tasks here, so that two seconds do, not ten. */
@Command(name = "cancel", description = "Submit ten 2 s tasks to two workers and cancel all but the first two.")
public final class Cancel implements Callable<Integer> {
    private static final long TASK_MILLIS = 2_000;

    @Mixin
    private final PoolOptions where = new PoolOptions();

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Cancel(), args));
    }

    @Override
    public Integer call() {
        Elapsed elapsed = Elapsed.start();
        try (ProcessPoolExecutor pool = where.pool().maxWorkers(2).build()) {
            List<PoolFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                futures.add(pool.submit(Cancel::slowSquare, i));
            }
            for (int i = 2; i < 10; i++) {
                System.out.println(
                        "Future " + i + " cancelled: " + futures.get(i).cancel());
            }
            for (int i = 0; i < 2; i++) {
                System.out.println("Future " + i + " result: " + futures.get(i).result());
            }
        }
        System.out.println("elapsed " + elapsed);
        return 0;
    }

    private static int slowSquare(int n) throws InterruptedException {
        Thread.sleep(TASK_MILLIS);
        return n * n;
    }
}
