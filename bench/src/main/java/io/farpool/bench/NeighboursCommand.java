package io.farpool.bench;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Neighbours;
import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Setup;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.report.FigureTable;
import io.farpool.bench.report.MachineText;
import io.farpool.bench.system.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one session suffers from another. */
@Command(
        name = "neighbours",
        mixinStandardHelpOptions = true,
        description =
                "Two sessions on one cluster: the latency of one's small tasks while the other's results are large.")
final class NeighboursCommand implements Callable<Integer> {
    private static final String ID = "neighbours";

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--quick", description = "One round of few tasks, to see that everything works.")
    private boolean quick;

    @Option(names = "--mib", defaultValue = "64", description = "Of each large result (default: ${DEFAULT-VALUE}).")
    private int mebibytes;

    @Option(names = "--docs", negatable = true, description = "Write into docs/ (default: unless it is a quick run).")
    private @Nullable Boolean docs;

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.look();
        Setup setup = Setup.inClone(quick ? 1 : rounds, quick, 2, List.of(Kind.FARPOOL_CLUSTER));
        Results results = new Results();
        try (Neighbours neighbours = new Neighbours(setup, mebibytes << 20)) {
            for (int round = -1; round < setup.rounds(); round++) {
                Map<String, Double> values = neighbours.measure();
                System.err.println("   " + values);
                if (round >= 0) {
                    results.add(ID, Kind.FARPOOL_CLUSTER, values);
                }
            }
        }
        String loadAfter = Machine.load();
        FigureTable table =
                new FigureTable(List.of("latency of small tasks, µs", "alone", "beside large results", "factor"));
        for (String percentile : List.of("p50", "p99", "p999")) {
            List<Double> alone = results.rounds(ID, Kind.FARPOOL_CLUSTER, "alone_" + percentile + "_us");
            List<Double> beside = results.rounds(ID, Kind.FARPOOL_CLUSTER, "beside_" + percentile + "_us");
            List<Statistics> figures = new ArrayList<>();
            figures.add(Statistics.of(alone));
            figures.add(Statistics.of(beside));
            figures.add(Statistics.ratios(beside, alone));
            table.row(percentile, figures);
        }
        String text = MachineText.of(machine, loadAfter)
                + "\n\nOne host with two slots, two sessions in processes of their own: one "
                + "hands in no-ops one after another, at first alone, then while the other fetches one result of "
                + mebibytes
                + " MiB after another. Medians of " + setup.rounds() + " rounds after one for warming up.\n\n"
                + table.text()
                + "\nThe large results came at "
                + Math.round(Statistics.of(results.rounds(ID, Kind.FARPOOL_CLUSTER, "large_mb_per_s"))
                        .median())
                + " MB/s meanwhile.\n";
        Output.report(
                "neighbours",
                ID,
                text,
                Map.of("machine", MachineText.raw(machine, loadAfter), "quick", quick, "results", results.raw()),
                Output.documented(quick, docs, List.of()));
        return 0;
    }
}
