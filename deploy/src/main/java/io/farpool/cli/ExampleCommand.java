package io.farpool.cli;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code farpool example NAME}: hands over to the example programs. They stand beside the daemons' class path, not on it,
 * and know the client, so they are reached by the name of their main class alone.
 */
@Command(
        name = "example",
        header = "Run an example program; without a name, list them.",
        description = {
            "",
            "On worker processes of this machine, or on the cluster at $FARPOOL_COORDINATOR. "
                    + "'farpool example NAME --help' shows an example's own options.",
            ""
        })
final class ExampleCommand implements Callable<Integer> {
    static final String MAIN_CLASS = "io.farpool.examples.Main";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME [option]", description = "The example, and what it takes.")
    private List<String> nameAndOptions = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        boolean verbose = ((Farpool) spec.root().userObject()).verbose();
        LogConfiguration.forCommand(verbose);
        List<String> arguments = new ArrayList<>(nameAndOptions);
        boolean named = !arguments.isEmpty() && !arguments.get(0).startsWith("-");
        if (!named && (arguments.isEmpty() || arguments.get(0).matches("-h|--help"))) {
            arguments.clear();
        } else if (verbose) {
            arguments.add("-v");
        }
        try {
            return (Integer)
                    Class.forName(MAIN_CLASS).getMethod("run", String[].class).invoke(null, (Object)
                            arguments.toArray(String[]::new));
        } catch (ClassNotFoundException e) {
            throw new CommandFailedException(
                    "the examples are not on this class path, expected " + MAIN_CLASS
                            + " in lib/examples of the distribution (an image of a daemon has none)",
                    e);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
