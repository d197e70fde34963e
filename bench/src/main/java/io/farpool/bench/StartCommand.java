package io.farpool.bench;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Setup;
import io.farpool.bench.harness.Starts;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.report.FigureTable;
import io.farpool.bench.report.MachineText;
import io.farpool.bench.system.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a first result waits for. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description =
                "A program's first result, step by step: embedded and on a warm cluster, without archives of class data "
                        + "and with them.")
final class StartCommand implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "9", description = "Rounds (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--quick", description = "One round, to see that everything works.")
    private boolean quick;

    @Option(names = "--docs", negatable = true, description = "Write into docs/ (default: unless it is a quick run).")
    private @Nullable Boolean docs;

    /** What is measured in turn. */
    private record Variant(Kind kind, boolean archived) {
        String title() {
            return (kind == Kind.FARPOOL_EMBEDDED ? "embedded" : "cluster") + (archived ? ", with" : "");
        }

        String id() {
            return "start" + (archived ? "-with" : "");
        }
    }

    private static final List<Variant> VARIANTS = List.of(
            new Variant(Kind.FARPOOL_EMBEDDED, false),
            new Variant(Kind.FARPOOL_EMBEDDED, true),
            new Variant(Kind.FARPOOL_CLUSTER, false),
            new Variant(Kind.FARPOOL_CLUSTER, true));

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.look();
        Setup setup = Setup.inClone(quick ? 1 : rounds, quick, 1, List.of(Kind.FARPOOL_EMBEDDED, Kind.FARPOOL_CLUSTER));
        Results results = new Results();
        Map<Variant, Starts> all = new LinkedHashMap<>();
        try {
            for (Variant variant : VARIANTS) {
                all.put(variant, new Starts(setup, variant.kind(), variant.archived()));
            }
            for (int round = 0; round < setup.rounds(); round++) {
                for (Variant variant : VARIANTS) {
                    Map<String, Double> values = all.get(variant).measure();
                    System.err.println("   " + variant.title() + ": " + values);
                    results.add(variant.id(), variant.kind(), values);
                }
            }
        } finally {
            all.values().forEach(Starts::close);
        }
        String loadAfter = Machine.load();
        String text = MachineText.of(machine, loadAfter)
                + "\n\nMilliseconds that each step took after the one before; medians of " + setup.rounds()
                + " programs of each kind, in turn, with the least and the most. One worker process, which logs the classes that "
                + "it loads; *with* is with an archive of class data for it. The cluster's host has had a session of the same "
                + "program.\n\n" + table(results);
        Output.report(
                "start",
                "start-" + Runtime.version().feature(),
                text,
                Map.of("machine", MachineText.raw(machine, loadAfter), "quick", quick, "results", results.raw()),
                Output.documented(quick, docs, List.of()));
        return 0;
    }

    private static String table(Results results) {
        List<String> columns = new ArrayList<>(List.of("step, ms"));
        VARIANTS.forEach(variant -> columns.add(variant.title()));
        FigureTable table = new FigureTable(columns);
        for (Map.Entry<String, String> step : Starts.STEPS) {
            table.row(
                    step.getValue(),
                    VARIANTS.stream()
                            .map(variant -> Statistics.of(results.rounds(variant.id(), variant.kind(), step.getKey())))
                            .toList());
        }
        return table.text();
    }
}
