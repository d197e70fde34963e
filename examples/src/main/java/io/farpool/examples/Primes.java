package io.farpool.examples;

import io.farpool.ProcessPoolExecutor;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The program the book opens with: CPU-bound functions, spread over processes with {@code map}. */
@Command(name = "primes", description = "Test numbers for primality and count primes below limits, over processes.")
public final class Primes implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    @Option(
            names = "--numbers",
            split = ",",
            paramLabel = "N",
            description = "The numbers to test (default: five around a million).")
    private List<Long> numbers = List.of(1_000_003L, 1_000_033L, 1_000_037L, 1_000_039L, 1_000_081L);

    @Option(
            names = "--limits",
            split = ",",
            paramLabel = "L",
            description = "Where to count the primes below (default: 1 to 4 million).")
    private List<Integer> limits = List.of(1_000_000, 2_000_000, 3_000_000, 4_000_000);

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Primes(), args));
    }

    @Override
    public Integer call() {
        Elapsed elapsed = Elapsed.start();
        try (ProcessPoolExecutor pool = where.pool().build()) {
            Iterator<Boolean> prime = pool.map(Primes::isPrime, numbers).iterator();
            for (long number : numbers) {
                System.out.println(number + " is prime: " + prime.next());
            }
            Iterator<Integer> count = pool.map(Primes::countBelow, limits).iterator();
            for (int limit : limits) {
                System.out.println("Primes below " + limit + ": " + count.next());
            }
        }
        System.out.println("elapsed " + elapsed);
        return 0;
    }

    /** By trial division. */
    static boolean isPrime(long n) {
        if (n < 4) {
            return n >= 2;
        }
        if (n % 2 == 0) {
            return false;
        }
        for (long divisor = 3; divisor <= n / divisor; divisor += 2) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    /** How many primes are smaller than {@code limit}, by the sieve of Eratosthenes. */
    static int countBelow(int limit) {
        if (limit <= 2) {
            return 0;
        }
        BitSet composite = new BitSet(limit);
        for (int prime = 2; (long) prime * prime < limit; prime = composite.nextClearBit(prime + 1)) {
            for (long multiple = (long) prime * prime; multiple < limit; multiple += prime) {
                composite.set((int) multiple);
            }
        }
        return limit - 2 - composite.cardinality();
    }
}
