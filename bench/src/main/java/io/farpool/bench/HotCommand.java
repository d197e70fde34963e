package io.farpool.bench;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.report.MachineText;
import io.farpool.bench.report.MarkdownTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** JMH of the hot pieces. */
@Command(
        name = "hot",
        mixinStandardHelpOptions = true,
        description =
                "JMH: codec, scheduling core, frames. For JMH's own options: java -cp 'bench/target/*:bench/target/lib/*' "
                        + "org.openjdk.jmh.Main.")
final class HotCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", description = "Which benchmarks, as regular expressions (default: all).")
    private List<String> only = List.of();

    @Option(names = "--quick", description = "One short iteration of each, to see that everything works.")
    private boolean quick;

    @Option(names = "--docs", negatable = true, description = "Write into docs/ (default: for a whole run of all).")
    private @Nullable Boolean docs;

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.look();
        Path raw = Output.directory().resolve("hot.json");
        ChainedOptionsBuilder options =
                new OptionsBuilder().resultFormat(ResultFormatType.JSON).result(raw.toString());
        if (only.isEmpty()) {
            options.include("io\\.farpool\\.bench\\.hot\\.");
        }
        only.forEach(options::include);
        if (quick) {
            options.forks(1).warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(50));
        }
        String text = MachineText.of(machine, Machine.load()) + "\n\n" + table(new Runner(options.build()).run());
        Files.writeString(Output.directory().resolve("hot.md"), text);
        System.out.println(text);
        if (Output.documented(quick, docs, only)) {
            Output.document("hot", text, null);
        }
        return 0;
    }

    private static String table(Collection<RunResult> results) {
        MarkdownTable table = new MarkdownTable(List.of("benchmark", "of", "time", "± (99.9 %)"));
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            StringJoiner of = new StringJoiner(", ");
            params.getParamsKeys().forEach(key -> of.add(key + " " + params.getParam(key)));
            String name = params.getBenchmark();
            Result<?> primary = result.getPrimaryResult();
            table.row(List.of(
                    name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
                    of.toString(),
                    String.format(Locale.ROOT, "%.1f %s", primary.getScore(), primary.getScoreUnit()),
                    String.format(Locale.ROOT, "%.1f", primary.getScoreError())));
        }
        return table.text();
    }
}
