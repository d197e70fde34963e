package io.farpool.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command: {@code bench/run} builds this module and calls it. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        subcommands = {
            AllCommand.class,
            SystemsCommand.class,
            ScaleCommand.class,
            NeighboursCommand.class,
            StartCommand.class,
            HotCommand.class
        },
        description = "Measures Farpool beside what would be used instead of it, and beside the floor.")
public final class Bench {
    private Bench() {}

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Carries out a command line; gives its exit status. */
    static int execute(String... args) {
        return new CommandLine(new Bench()).execute(args);
    }
}
