package io.farpool.bench;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Everything, one after another. */
@Command(
        name = "all",
        mixinStandardHelpOptions = true,
        description = "systems, scale, neighbours, start and hot, with their defaults, into docs/performance.md.")
final class AllCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "Tiny counts, to see that everything works; docs/ stay as they are.")
    private boolean quick;

    @Override
    public Integer call() {
        int worst = 0;
        for (String command : List.of("systems", "scale", "neighbours", "start", "hot")) {
            String[] arguments = quick ? new String[] {command, "--quick"} : new String[] {command};
            worst = Math.max(worst, Bench.execute(arguments));
        }
        return worst;
    }
}
