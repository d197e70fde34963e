package io.farpool.examples;

import io.farpool.ThreadPoolExecutor;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Four calls of 0.2 seconds each, all at once: 0.2 seconds in all, and the results in the order of the inputs. */
@Command(name = "prices", description = "Make four 0.2 s calls with map on threads: 0.2 s in all, not 0.8.")
public final class Prices implements Callable<Integer> {
    private static final long CALL_MILLIS = 200;
    private static final Map<String, Double> PRICES =
            Map.of("apples", 1.20, "bananas", 0.80, "cherries", 6.50, "dates", 4.10);

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Prices(), args));
    }

    @Override
    public Integer call() {
        List<String> names = List.of("apples", "bananas", "cherries", "dates");
        try (ThreadPoolExecutor pool = ThreadPoolExecutor.create(4)) {
            Elapsed elapsed = Elapsed.start();
            Iterator<Double> price = pool.map(Prices::priceOf, names).iterator();
            for (String name : names) {
                System.out.printf(Locale.ROOT, "%s: %.2f%n", name, price.next());
            }
            System.out.println("elapsed " + elapsed);
        }
        return 0;
    }

    /** Stands for a call over the network. */
    private static double priceOf(String name) throws InterruptedException {
        Thread.sleep(CALL_MILLIS);
        return PRICES.getOrDefault(name, Double.NaN);
    }
}
