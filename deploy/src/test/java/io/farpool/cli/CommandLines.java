package io.farpool.cli;

import java.util.List;
import picocli.CommandLine.ParseResult;

/** The command line, for tests of what calls it. */
public final class CommandLines {
    private CommandLines() {}

    /** What the arguments mean, checked as far as parsing does; of the command they name. */
    public static ParseResult parse(List<String> arguments) {
        ParseResult result = Farpool.commandLine().parseArgs(arguments.toArray(String[]::new));
        return result.hasSubcommand() ? result.subcommand() : result;
    }

    /** The version that this build makes. */
    public static String version() {
        return Version.current();
    }
}
