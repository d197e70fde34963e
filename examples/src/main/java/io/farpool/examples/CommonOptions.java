package io.farpool.examples;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every example takes. */
final class CommonOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Option(
            names = {"-v", "--verbose"},
            description = "Show the stack trace of a failure.")
    boolean verbose;

    static void addTo(CommandLine command) {
        command.getCommandSpec().addMixin("common", CommandSpec.forAnnotatedObject(new CommonOptions()));
    }
}
