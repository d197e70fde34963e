package io.farpool.examples;

import io.farpool.PoolFuture;
import io.farpool.ProcessPoolExecutor;
import io.farpool.TaskInfo.Attempt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** An exception in a task is thrown again by {@code result()}, and hurts no other task. */
@Command(name = "errors", description = "Divide by zero in a process: result() throws it, the other tasks go on.")
public final class Errors implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Errors(), args));
    }

    @Override
    public Integer call() {
        try (ProcessPoolExecutor pool = where.pool().build()) {
            Map<String, PoolFuture<Integer>> futures = new LinkedHashMap<>();
            futures.put("10 / 2", pool.submit(Errors::divide, 10, 2));
            futures.put("5 / 0", pool.submit(Errors::divide, 5, 0));
            futures.put("8 / 4", pool.submit(Errors::divide, 8, 4));
            futures.forEach((task, future) -> {
                try {
                    System.out.println(task + " = " + future.result());
                } catch (ArithmeticException e) {
                    System.out.println(task + " threw " + e + ", " + whereItRan(future));
                }
            });
        }
        return 0;
    }

    private static String whereItRan(PoolFuture<?> future) {
        List<Attempt> attempts = future.info().attempts();
        Attempt last = attempts.get(attempts.size() - 1);
        return "in process " + last.pid() + " on " + last.host();
    }

    private static int divide(int a, int b) {
        return a / b;
    }
}
