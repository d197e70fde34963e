package io.farpool.bench;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Rotation;
import io.farpool.bench.harness.Setup;
import io.farpool.bench.harness.Workload;
import io.farpool.bench.harness.Workloads;
import io.farpool.bench.report.SystemsReport;
import io.farpool.bench.system.Kind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares the systems. */
@Command(
        name = "systems",
        mixinStandardHelpOptions = true,
        description = "The same workloads on every system, in rotation: table, goals and picture.")
final class SystemsCommand implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "5", description = "Rounds that count (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--quick", description = "Tiny counts and two rounds, to see that everything works.")
    private boolean quick;

    @Option(names = "--slots", defaultValue = "2", description = "Tasks at once (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--systems", split = ",", description = "Only these, by id.")
    private List<String> systems = List.of();

    @Option(names = "--workloads", split = ",", description = "Only these, by id.")
    private List<String> only = List.of();

    @Option(
            names = "--docs",
            negatable = true,
            description = "Write the results into docs/ (default: for a whole run, not for a quick or a partial one).")
    private @Nullable Boolean docs;

    @Override
    public Integer call() throws Exception {
        List<Kind> kinds = systems.isEmpty()
                ? Arrays.asList(Kind.values())
                : systems.stream().map(Kind::of).toList();
        Setup setup = Setup.inClone(quick ? Math.min(rounds, 2) : rounds, quick, slots, kinds);
        List<Workload> workloads = Workloads.of(setup).stream()
                .filter(workload -> only.isEmpty() || only.contains(workload.id()))
                .toList();
        Machine machine = Machine.look();
        Results results = new Results();
        Rotation rotation = new Rotation(setup, results);
        Path directory = Output.directory();
        for (Workload workload : workloads) {
            rotation.run(workload);
            // After each: a run that is stopped has left what it had.
            new SystemsReport(setup, workloads, results, machine, Machine.load()).write(directory);
        }
        SystemsReport report = new SystemsReport(setup, workloads, results, machine, Machine.load());
        System.out.println(report.markdown());
        if (Output.documented(
                quick,
                docs,
                Arrays.asList(systems, only).stream()
                        .filter(list -> !list.isEmpty())
                        .toList())) {
            Output.document("systems", report.markdown(), report.svg());
        }
        return 0;
    }
}
