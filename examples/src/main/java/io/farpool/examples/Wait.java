package io.farpool.examples;

import io.farpool.Futures;
import io.farpool.Futures.DoneAndNotDone;
import io.farpool.Futures.ReturnWhen;
import io.farpool.PoolFuture;
import io.farpool.ThreadPoolExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Waits for the first of four tasks, then for all of them. */
@Command(name = "wait", description = "Wait for the first of four tasks, then for all of them.")
public final class Wait implements Callable<Integer> {
    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Wait(), args));
    }

    @Override
    public Integer call() {
        try (ThreadPoolExecutor pool = ThreadPoolExecutor.create(4)) {
            List<PoolFuture<String>> futures = new ArrayList<>();
            futures.add(pool.submit(Wait::task, "alpha", 1_000L));
            futures.add(pool.submit(Wait::task, "beta", 300L));
            futures.add(pool.submit(Wait::task, "gamma", 700L));
            futures.add(pool.submit(Wait::task, "delta", 100L));

            DoneAndNotDone<PoolFuture<String>> first = Futures.wait(futures, ReturnWhen.FIRST_COMPLETED);
            for (PoolFuture<String> future : first.done()) {
                System.out.println("finished first: " + future.result());
            }
            System.out.println("pending: " + first.notDone().size());

            DoneAndNotDone<PoolFuture<String>> rest = Futures.wait(first.notDone(), ReturnWhen.ALL_COMPLETED);
            for (PoolFuture<String> future : futures) {
                if (rest.done().contains(future)) {
                    System.out.println("finished later: " + future.result());
                }
            }
            System.out.println("pending: " + rest.notDone().size());
        }
        return 0;
    }

    private static String task(String name, long delayMillis) throws InterruptedException {
        Thread.sleep(delayMillis);
        return name;
    }
}
