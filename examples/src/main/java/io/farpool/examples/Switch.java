package io.farpool.examples;

import io.farpool.PoolExecutor;
import io.farpool.ProcessPoolExecutor;
import io.farpool.ThreadPoolExecutor;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * One function on threads, on processes and on a cluster: only the constructor differs.
 *
 * <p>Unlike Python's, Java's threads compute in parallel, so on one machine processes are no faster. What they add is
 * that a crash in one hurts nothing else, and that they may run on other machines.
 */
@Command(
        name = "switch",
        description = "Run one function on threads, on processes and, given an address, on a cluster.")
public final class Switch implements Callable<Integer> {
    @Mixin
    private final PoolOptions where = new PoolOptions();

    @Option(names = "--tasks", defaultValue = "16", description = "How many tasks (default: ${DEFAULT-VALUE}).")
    private int tasks;

    @Option(
            names = "--limit",
            defaultValue = "10000000",
            description = "A task counts the primes below it (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init")
    Switch() {}

    /** Runs this example. */
    public static void main(String[] args) {
        System.exit(Main.execute(new Switch(), args));
    }

    @Override
    public Integer call() {
        if (tasks < 1) {
            throw new ParameterException(spec.commandLine(), "--tasks is " + tasks + ", expected 1 or more");
        }
        int workers = Runtime.getRuntime().availableProcessors();
        time("threads", ThreadPoolExecutor.create(workers));
        // With an address in the environment, create() means the cluster too.
        if (System.getenv(ProcessPoolExecutor.COORDINATOR_VARIABLE) == null) {
            time("processes", ProcessPoolExecutor.create(workers));
        }
        if (where.coordinator != null) {
            time("cluster", where.pool().build());
        }
        return 0;
    }

    /** Twice, because the first time includes starting the workers and warming them up. */
    private void time(String name, PoolExecutor executor) {
        List<Integer> limits = Collections.nCopies(tasks, limit);
        try (executor) {
            Elapsed first = Elapsed.start();
            List<Integer> counts = executor.map(Primes::countBelow, limits).toList();
            String firstTime = first.toString();
            Elapsed second = Elapsed.start();
            List<Integer> again = executor.map(Primes::countBelow, limits).toList();
            String secondTime = second.toString();
            if (!counts.equals(again)) {
                throw new IllegalStateException(
                        name + ": two runs of the same function differ: " + counts + ", " + again);
            }
            System.out.printf(
                    "%-10s %d x countBelow(%d): first %s, again %s%n", name, tasks, limit, firstTime, secondTime);
        }
    }
}
