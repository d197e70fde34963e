package io.farpool.deploy.program;

import io.farpool.Futures;
import io.farpool.MapOptions;
import io.farpool.PoolExecutor;
import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.RemoteCallable;
import io.farpool.TaskContext;
import io.farpool.WorkerLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Runs so many tasks of several kinds, checks each answer, and prints what it has seen in one line. */
public final class MixedTasks {
    private MixedTasks() {}

    /** What a task is given and gives back: a class that no host has seen. It is not {@code Serializable}. */
    static final class Matrix {
        private final long[][] cells;

        Matrix(int size, long seed) {
            cells = new long[size][size];
            for (int row = 0; row < size; row++) {
                for (int column = 0; column < size; column++) {
                    cells[row][column] = (seed + 31L * row + 17L * column) % 101;
                }
            }
        }

        Matrix squared() {
            Matrix result = new Matrix(cells.length, 0);
            for (int row = 0; row < cells.length; row++) {
                for (int column = 0; column < cells.length; column++) {
                    long sum = 0;
                    for (int k = 0; k < cells.length; k++) {
                        sum += cells[row][k] * cells[k][column];
                    }
                    result.cells[row][column] = sum;
                }
            }
            return result;
        }

        long trace() {
            long sum = 0;
            for (int i = 0; i < cells.length; i++) {
                sum += cells[i][i];
            }
            return sum;
        }
    }

    /** A callable with a name of its own. */
    record Collatz(long start) implements RemoteCallable<Integer> {
        @Override
        public Integer call() {
            int steps = 0;
            for (long n = start; n != 1; n = n % 2 == 0 ? n / 2 : 3 * n + 1) {
                steps++;
            }
            return steps;
        }
    }

    static long triangle(int n) {
        return (long) n * (n + 1) / 2;
    }

    static String failing(int n) {
        throw new IllegalArgumentException("no answer for " + n);
    }

    /**
     * Runs them.
     *
     * @param args the number of tasks; with a second argument, also one that kills its process
     */
    public static void main(String[] args) {
        int tasks = Integer.parseInt(args[0]);
        int each = tasks / 5;
        int right = 0;
        try (PoolExecutor pool = ProcessPoolExecutor.create()) {
            List<PoolFuture<Long>> lambdas = new ArrayList<>();
            List<PoolFuture<Integer>> records = new ArrayList<>();
            List<PoolFuture<Matrix>> matrices = new ArrayList<>();
            List<PoolFuture<String>> failures = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                int n = i;
                lambdas.add(pool.submit(() -> triangle(n)));
                records.add(pool.submit(new Collatz(n + 1)));
                matrices.add(pool.submit(Matrix::squared, new Matrix(8, n)));
                failures.add(pool.submit(MixedTasks::failing, n));
            }
            List<Long> mapped = pool.map(
                            MixedTasks::triangle,
                            IntStream.range(0, each).boxed().toList(),
                            MapOptions.defaults().chunkSize(16))
                    .toList();
            for (int i = 0; i < each; i++) {
                right += lambdas.get(i).result() == triangle(i) ? 1 : 0;
                right += records.get(i).result() == new Collatz(i + 1).call().intValue() ? 1 : 0;
                right += matrices.get(i).result().trace()
                                == new Matrix(8, i).squared().trace()
                        ? 1
                        : 0;
                right += failures.get(i).exception() instanceof IllegalArgumentException thrown
                                && thrown.getMessage().equals("no answer for " + i)
                        ? 1
                        : 0;
                right += mapped.get(i) == triangle(i) ? 1 : 0;
            }
            System.out.println("right " + right + " of " + 5 * each);
            System.out.println("hosts " + hosts(pool));
            if (args.length > 1) {
                System.out.println("exit " + exitCodeOf(pool.submit(() -> exit(7))));
                System.out.println(
                        "after " + pool.submit(MixedTasks::triangle, 4).result());
            }
        }
    }

    /** Tasks that take long enough for every slot to get one. */
    private static Set<String> hosts(PoolExecutor pool) {
        List<PoolFuture<String>> places = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            places.add(pool.submit(() -> {
                Thread.sleep(50);
                return TaskContext.current().host();
            }));
        }
        Set<String> hosts = new TreeSet<>();
        Futures.asCompleted(places).forEach(place -> hosts.add(place.result()));
        return hosts;
    }

    private static int exit(int code) {
        System.exit(code);
        return code;
    }

    private static int exitCodeOf(PoolFuture<Integer> doomed) {
        return doomed.exception() instanceof WorkerLostException lost
                ? lost.exitCode().orElse(-1)
                : -2;
    }
}
