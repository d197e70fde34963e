package io.farpool.examples;

import io.farpool.MapOptions;
import io.farpool.ProcessPoolExecutor;
import io.farpool.UncheckedTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code map} with a time-out that covers all of it: what is done in time arrives, then the iterator says so. */
@Command(name = "timeout", description = "Run map with a time-out that one item exceeds.")
public final class Timeout implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @Mixin
    private final PoolOptions where = new PoolOptions();

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Timeout(), args));
    }

    @Override
    public Integer call() {
        List<Long> delaysMillis = List.of(100L, 200L, 4_000L, 300L);
        try (ProcessPoolExecutor pool = where.pool().maxWorkers(2).build()) {
            // The clock starts with map(), so have a process running before it.
            pool.submit(Timeout::work, 0L).result();
            try {
                for (String result : pool.map(
                        Timeout::work, delaysMillis, MapOptions.defaults().timeout(TIMEOUT))) {
                    System.out.println(result);
                }
            } catch (UncheckedTimeoutException e) {
                System.out.println("timed out: not all done within " + TIMEOUT.toSeconds() + " s");
            }
        }
        // Closing the pool waited for the slow task: a time-out stops the waiting, and what had not started, not the
        // task.
        return 0;
    }

    private static String work(long delayMillis) throws InterruptedException {
        Thread.sleep(delayMillis);
        return "done after " + delayMillis + " ms";
    }
}
