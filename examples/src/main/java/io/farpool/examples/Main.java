package io.farpool.examples;

import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code farpool example NAME [options]}: runs an example by name, or lists them all when none is named.
 *
 * <p>Exit codes, here and in every example's own {@code main}: 0 when it ran, 1 when it failed, 2 when the command line
 * is wrong. Both kinds of error are one line on stderr; {@code -v} adds a failure's stack trace.
 */
@Command(
        name = "farpool example",
        subcommands = {
            Primes.class,
            Images.class,
            Logs.class,
            Fetch.class,
            Prices.class,
            Cancel.class,
            Timeout.class,
            Wait.class,
            Errors.class,
            Callbacks.class,
            Switch.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Made by {@link #run(String...)}. */
    @SuppressWarnings("NullAway.Init")
    Main() {}

    /** Runs the example that the first argument names and exits with its code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs the example that the first argument names, in this JVM, and returns the exit code. */
    public static int run(String... args) {
        return execute(new Main(), args);
    }

    /** Runs one command with the options and the error handling that all examples share. */
    static int execute(Object command, String... args) {
        CommandLine line = new CommandLine(command);
        CommonOptions.addTo(line);
        line.getSubcommands().values().forEach(CommonOptions::addTo);
        line.setParameterExceptionHandler(Main::badCommandLine)
                .setExecutionExceptionHandler((failure, at, parsed) -> failed(failure, at));
        try {
            return line.execute(args);
        } catch (Error thrownByATask) {
            // Such as its OutOfMemoryError, which result() throws as it is and picocli does not handle.
            CommandLine at = line;
            while (at.getParseResult().hasSubcommand()) {
                at = at.getParseResult().subcommand().commandSpec().commandLine();
            }
            return failed(thrownByATask, at);
        }
    }

    @Override
    public void run() {
        System.out.println("usage: farpool example NAME [options]      (--help after a name shows its options)");
        for (Map.Entry<String, CommandLine> example :
                spec.commandLine().getSubcommands().entrySet()) {
            String[] about = example.getValue().getCommandSpec().usageMessage().description();
            System.out.printf("  %-10s %s%n", example.getKey(), String.join(" ", about));
        }
    }

    private static int badCommandLine(ParameterException error, String[] args) {
        CommandLine at = error.getCommandLine();
        String message = String.valueOf(error.getMessage());
        if (error instanceof UnmatchedArgumentException unmatched
                && at.getCommand() instanceof Main
                && !unmatched.isUnknownOption()) {
            message = "no such example '" + unmatched.getUnmatched().get(0) + "'; there are: "
                    + String.join(", ", at.getSubcommands().keySet());
        }
        System.err.println(at.getCommandName() + ": " + firstLine(message));
        return 2;
    }

    private static int failed(Throwable failure, CommandLine at) {
        System.err.println(at.getCommandName() + ": " + describe(failure));
        if (at.getParseResult().hasMatchedOption("-v")) {
            failure.printStackTrace();
        }
        return 1;
    }

    /** A failure in one line: its message, or its type where it has none, past the wrappers that futures put on. */
    static String describe(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        String type = cause.getClass().getSimpleName();
        return message == null || message.isBlank() ? type : type + ": " + firstLine(message);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
