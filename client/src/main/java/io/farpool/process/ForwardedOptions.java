package io.farpool.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The options of this JVM that its worker processes need as well, so that the same code behaves the same there: preview
 * features, opened packages, assertions, encoding, locale and time zone. Memory and debugging options are this JVM's own.
 */
public final class ForwardedOptions {
    private static final Set<String> WITH_VALUE =
            Set.of("--add-opens", "--add-exports", "--add-reads", "--add-modules", "--enable-native-access");
    private static final List<String> PREFIXES = List.of(
            "-ea",
            "-da",
            "-esa",
            "-dsa",
            "-enableassertions",
            "-disableassertions",
            "-enablesystemassertions",
            "-disablesystemassertions",
            "-Dfile.encoding=",
            "-Dstdout.encoding=",
            "-Dstderr.encoding=",
            "-Duser.language=",
            "-Duser.country=",
            "-Duser.timezone=",
            "-Djava.awt.headless=");

    private ForwardedOptions() {}

    /** Reads the command line of this process; empty where the platform does not tell it. */
    public static List<String> ofThisJvm() {
        return select(List.of(ProcessHandle.current().info().arguments().orElse(new String[0])));
    }

    /**
     * Picks what is forwarded.
     *
     * @param arguments of a java command, up to and beyond its main class
     */
    static List<String> select(List<String> arguments) {
        List<String> forwarded = new ArrayList<>();
        for (int i = 0; i < arguments.size() && arguments.get(i).startsWith("-"); i++) {
            String argument = arguments.get(i);
            if (WITH_VALUE.contains(argument) && i + 1 < arguments.size()) {
                forwarded.add(argument);
                forwarded.add(arguments.get(++i));
            } else if (takesNextArgument(argument)) {
                i++;
            } else if (argument.equals("--enable-preview")
                    || PREFIXES.stream().anyMatch(argument::startsWith)
                    || WITH_VALUE.stream().anyMatch(option -> argument.startsWith(option + "="))) {
                forwarded.add(argument);
            }
        }
        return forwarded;
    }

    private static boolean takesNextArgument(String argument) {
        return Set.of(
                        "-cp",
                        "-classpath",
                        "--class-path",
                        "-p",
                        "--module-path",
                        "-m",
                        "--module",
                        "-jar",
                        "--upgrade-module-path")
                .contains(argument);
    }
}
