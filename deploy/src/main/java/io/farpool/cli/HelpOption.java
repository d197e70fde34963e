package io.farpool.cli;

import picocli.CommandLine.Option;

/** The {@code --help} of each command; {@code example} has none of its own, because what follows it is the example's. */
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean helpRequested;
}
