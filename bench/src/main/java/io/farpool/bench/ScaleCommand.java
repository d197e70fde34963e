package io.farpool.bench;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Setup;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.report.FigureTable;
import io.farpool.bench.report.MachineText;
import io.farpool.bench.scale.ScaleRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A real coordinator under many hosts. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        description =
                "A real coordinator process, hollow hosts on attach streams, and a long queue: tasks/s, CPU, heap.")
final class ScaleCommand implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "5", description = "Rounds (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--quick", description = "One round with a short queue, to see that everything works.")
    private boolean quick;

    @Option(names = "--hosts", split = ",", defaultValue = "10,100,1000", description = "How many hosts there are.")
    private List<Integer> hosts = List.of();

    @Option(names = "--slots", defaultValue = "16", description = "Of each host (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--tasks", defaultValue = "1000000", description = "Queued tasks (default: ${DEFAULT-VALUE}).")
    private int tasks;

    @Option(names = "--docs", negatable = true, description = "Write into docs/ (default: unless it is a quick run).")
    private @Nullable Boolean docs;

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.look();
        Path target = Setup.inClone(1, quick, 1, List.of()).target();
        int queued = quick ? Math.min(tasks, 5_000) : tasks;
        Map<Integer, Map<String, List<Double>>> seen = new LinkedHashMap<>();
        for (int round = 0; round < (quick ? 1 : rounds); round++) {
            for (int count : hosts) {
                Map<String, Double> values =
                        new ScaleRun(count, slots, queued, target.resolve("logs/scale.log")).measure();
                System.err.println("   " + count + " hosts " + values);
                Map<String, List<Double>> metrics = seen.computeIfAbsent(count, none -> new LinkedHashMap<>());
                values.forEach((name, value) ->
                        metrics.computeIfAbsent(name, none -> new ArrayList<>()).add(value));
            }
        }
        String loadAfter = Machine.load();
        FigureTable table = new FigureTable(
                List.of("hosts", "tasks/s", "coordinator's CPU µs per task", "heap bytes per queued task"));
        seen.forEach((count, metrics) -> table.row(
                "" + count, metrics.values().stream().map(Statistics::of).toList()));
        String text = MachineText.of(machine, loadAfter) + "\n\n" + queued
                + " tasks of 64 bytes queued at a coordinator in a "
                + "process of its own, " + slots
                + " slots a host, results returned at once; a quarter as many before, as a warm-up. "
                + "The hosts and the client are one more process, on the same cores. Medians of " + (quick ? 1 : rounds)
                + " rounds.\n\n" + table.text();
        Output.report(
                "scale",
                "scale",
                text,
                Map.of("machine", MachineText.raw(machine, loadAfter), "quick", quick, "hosts", seen),
                Output.documented(quick, docs, List.of()));
        return 0;
    }
}
