package io.farpool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The main class of the {@code farpool} command. Exit status: 0 done (or stopped cleanly by a signal), 1 failed, 2 asked for
 * wrongly. What goes wrong is said in one line on stderr; with {@code -v} a stack trace follows.
 */
@Command(
        name = "farpool",
        versionProvider = Version.class,
        header = "A process pool for the JVM, on this machine or spread over many.",
        description = {
            "",
            "A program that uses Farpool needs none of these commands until its work outgrows one machine. Then: one "
                    + "coordinator, a worker on each machine, and FARPOOL_COORDINATOR=HOST:PORT for the program.",
            ""
        },
        subcommands = {CoordinatorCommand.class, WorkerCommand.class, StatusCommand.class, ExampleCommand.class},
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "A cluster on this machine:",
            "  farpool coordinator",
            "  farpool worker --slots 2",
            "  FARPOOL_COORDINATOR=127.0.0.1:7077 farpool example primes",
            "",
            "'farpool COMMAND --help' tells more. FARPOOL_JAVA_OPTS are options for the command's JVM."
        })
public final class Farpool implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log at DEBUG, and show the stack trace of what fails.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean helpRequested;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and the Java it runs on.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean versionRequested;

    /** Runs the command and ends this JVM with its exit status. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The whole command line, ready to execute. Not for more than one thread. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Farpool());
        commandLine.setUsageHelpAutoWidth(true);
        commandLine.setUsageHelpLongOptionsMaxWidth(34);
        commandLine.setParameterExceptionHandler(Farpool::saysWhatWasExpected);
        commandLine.setExecutionExceptionHandler(Farpool::saysWhatFailed);
        // Everything behind `example` is the example's, its options too.
        commandLine
                .getSubcommands()
                .get("example")
                .setStopAtPositional(true)
                .setUnmatchedOptionsArePositionalParams(true);
        return commandLine;
    }

    boolean verbose() {
        return verbose;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command given, expected one of " + names(spec.commandLine()));
    }

    private static int saysWhatWasExpected(ParameterException wrong, String[] args) {
        CommandLine at = wrong.getCommandLine();
        String message = wrong.getMessage();
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            message = unknown(at, unmatched.getUnmatched().get(0));
        }
        String command = at.getCommandSpec().qualifiedName();
        PrintWriter err = at.getErr();
        err.println(command + ": " + oneLine(message) + " (see '" + command + " --help')");
        if (isVerbose(at)) {
            wrong.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static String unknown(CommandLine at, String argument) {
        if (argument.startsWith("-")) {
            String options = at.getCommandSpec().options().stream()
                    .map(OptionSpec::longestName)
                    .collect(Collectors.joining(", "));
            return "no option '" + argument + "', expected one of " + options;
        }
        return at.getParent() == null
                ? "no command '" + argument + "', expected one of " + names(at)
                : "unexpected argument '" + argument + "', expected options only";
    }

    private static int saysWhatFailed(Exception failure, CommandLine at, @Nullable ParseResult parsed) {
        PrintWriter err = at.getErr();
        err.println(at.getCommandSpec().qualifiedName() + ": " + oneLine(reason(failure)));
        if (isVerbose(at)) {
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isVerbose(CommandLine at) {
        CommandLine root = at;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return ((Farpool) root.getCommand()).verbose();
    }

    /** What a person can act on: our own messages as they are, others with the name of their type. */
    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            Throwable cause = failure.getCause();
            return cause == null ? failure.getClass().getSimpleName() : reason(cause);
        }
        // A plain IOException's message is a sentence already; its subclasses' may be no more than a path.
        boolean ours = failure.getClass() == IOException.class
                || failure instanceof IllegalArgumentException
                || failure.getClass().getName().startsWith("io.farpool.");
        return ours ? message : failure.getClass().getSimpleName() + ": " + message;
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String names(CommandLine commandLine) {
        return commandLine.getSubcommands().keySet().stream().collect(Collectors.joining(", "));
    }
}
