package io.farpool.bench.report;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Metric;
import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Setup;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.harness.Workload;
import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The comparison of systems for people: what was measured on what, a table of it all, the goals, a picture. */
public final class SystemsReport {
    private final Setup setup;
    private final List<Workload> workloads;
    private final Results results;
    private final Machine machine;
    private final String loadAfter;

    /** Of a run that is over. */
    public SystemsReport(Setup setup, List<Workload> workloads, Results results, Machine machine, String loadAfter) {
        this.setup = setup;
        this.workloads = workloads;
        this.results = results;
        this.machine = machine;
        this.loadAfter = loadAfter;
    }

    /** Writes {@code systems.json}, {@code systems.md} and {@code systems.svg}. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("machine", MachineText.raw(machine, loadAfter));
        raw.put("quick", setup.quick());
        raw.put("rounds", setup.rounds());
        raw.put("slots", setup.slots());
        raw.put("results", results.raw());
        Files.writeString(directory.resolve("systems.json"), Json.write(raw));
        Files.writeString(directory.resolve("systems.md"), markdown());
        Files.writeString(directory.resolve("systems.svg"), svg());
    }

    /** The text. */
    public String markdown() {
        StringBuilder out = new StringBuilder();
        if (setup.quick()) {
            out.append(
                    "**A quick run with tiny counts: it shows that everything works, its figures mean nothing.**\n\n");
        }
        out.append(MachineText.of(machine, loadAfter))
                .append("\n\n")
                .append(setup.slots())
                .append(" slots; medians of ")
                .append(setup.rounds())
                .append(" rounds in rotation over the systems, the least and the most in brackets.\n\n")
                .append(table())
                .append('\n')
                .append(failures())
                .append("Goals, each the median of the rounds' ratios:\n\n")
                .append(goals())
                .append("\nWhat each of them does:\n");
        for (Workload workload : workloads) {
            out.append("- **")
                    .append(workload.title())
                    .append("**: ")
                    .append(workload.what())
                    .append(warmUp(workload))
                    .append(".\n");
        }
        return out.toString();
    }

    private static String warmUp(Workload workload) {
        return switch (workload.warmUpSeconds()) {
            case 0 -> "";
            case 1 -> "; one round for warming up";
            default -> "; what consists of several JVMs warmed up for " + workload.warmUpSeconds() + " s";
        };
    }

    private String table() {
        List<String> columns = new ArrayList<>(List.of("workload", "figure"));
        setup.kinds().forEach(kind -> columns.add(kind.title()));
        MarkdownTable table = new MarkdownTable(columns);
        for (Workload workload : workloads) {
            String title = workload.title();
            for (Metric metric : workload.metrics()) {
                List<String> cells = new ArrayList<>(List.of(title, metric.title()));
                for (Kind kind : setup.kinds()) {
                    cells.add(cell(workload, kind, metric));
                }
                table.row(cells);
                title = "";
            }
        }
        return table.text();
    }

    private String cell(Workload workload, Kind kind, Metric metric) {
        Optional<Statistics> statistics = results.statistics(workload.id(), kind, metric.name());
        if (results.failure(workload.id(), kind).isPresent()) {
            return "failed";
        }
        return statistics.map(Figures::of).orElse("–");
    }

    private String failures() {
        StringBuilder out = new StringBuilder();
        for (Workload workload : workloads) {
            for (Kind kind : setup.kinds()) {
                results.failure(workload.id(), kind).ifPresent(why -> out.append("- ")
                        .append(kind.title())
                        .append(" failed at ")
                        .append(workload.title())
                        .append(": ")
                        .append(MachineText.withoutPaths(why))
                        .append('\n'));
            }
        }
        return out.isEmpty() ? "" : out.append('\n').toString();
    }

    private String goals() {
        MarkdownTable table = new MarkdownTable(List.of("what", "wanted", "seen", ""));
        List<String> ran = workloads.stream().map(Workload::id).toList();
        for (Goal goal : Goal.all()) {
            if (!goal.isOf(ran, setup.kinds())) {
                continue;
            }
            Statistics seen = goal.seen(results);
            table.row(List.of(
                    goal.what(),
                    goal.wanted(),
                    seen == null ? "not measured" : Figures.of(seen),
                    seen == null ? "" : goal.met(seen) ? "met" : "not met"));
        }
        return table.text();
    }

    /** The picture: the first figure of each workload. */
    public String svg() {
        List<BarChart.Group> groups = new ArrayList<>();
        for (Workload workload : workloads) {
            Metric metric = workload.metrics().get(0);
            List<BarChart.Bar> bars = new ArrayList<>();
            for (Kind kind : setup.kinds()) {
                results.statistics(workload.id(), kind, metric.name())
                        .ifPresent(seen -> bars.add(new BarChart.Bar(
                                kind.title(),
                                seen.median(),
                                seen.min(),
                                seen.max(),
                                kind.id().startsWith("farpool"))));
            }
            if (!bars.isEmpty()) {
                groups.add(new BarChart.Group(
                        workload.title() + ": " + metric.title() + (metric.higherIsBetter() ? " (more" : " (less")
                                + " is better; logarithmic)",
                        bars));
            }
        }
        return BarChart.svg(
                setup.quick() ? "A quick run: these figures mean nothing" : "Farpool and what would be used instead",
                groups);
    }
}
