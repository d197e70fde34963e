package io.farpool.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The options of this JVM that its worker processes need as well, so that the same code behaves the same there: preview
 * features, opened packages, assertions, encoding, locale and time zone. Memory and debugging options are this JVM's own.
 */
public final class ForwardedOptions {
    private static final Set<String> OF_MODULES =
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

    /** Of the launcher and the JVM, which put what is in them before the command line. */
    private static final Set<String> VARIABLES = Set.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    private static final String UNNAMED = "ALL-UNNAMED";

    private ForwardedOptions() {}

    /** From the command line, argument files and variables that this JVM has its options from. */
    public static List<String> ofThisJvm() {
        List<String> commandLine = commandLine();
        boolean tellsAll = !commandLine.isEmpty()
                && commandLine.get(0).endsWith("java")
                && commandLine.stream()
                        .noneMatch(argument -> argument.startsWith("@") || argument.startsWith("-XX:VMOptionsFile="))
                && System.getenv().keySet().stream().noneMatch(VARIABLES::contains);
        if (!tellsAll && ModuleLayer.boot().findModule("java.management").isPresent()) {
            // Always right, and 10 ms of a program's start.
            return select(ManagementFactory.getRuntimeMXBean().getInputArguments());
        }
        return select(commandLine.subList(Math.min(1, commandLine.size()), commandLine.size()));
    }

    /** As it was given; empty where there is no such file. Java's own {@link ProcessHandle} has none of more than 4,096 bytes. */
    private static List<String> commandLine() {
        try {
            return List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Picks what is forwarded. A worker process has everything on its class path: what is said of the JDK's modules still holds
     * there, for the unnamed module; of the program's own modules there are none.
     *
     * @param arguments of a java command, as it was given or as the JVM has them; perhaps beyond its main class
     */
    static List<String> select(List<String> arguments) {
        List<String> forwarded = new ArrayList<>();
        for (int i = 0; i < arguments.size() && arguments.get(i).startsWith("-"); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String option = equals < 0 ? argument : argument.substring(0, equals);
            if (OF_MODULES.contains(option) && (equals >= 0 || i + 1 < arguments.size())) {
                String value = equals >= 0 ? argument.substring(equals + 1) : arguments.get(++i);
                String there = onTheClassPath(option, value);
                if (!there.isEmpty()) {
                    forwarded.add(option + "=" + there);
                }
            } else if (takesNextArgument(argument)) {
                i++;
            } else if (argument.equals("--enable-preview") || PREFIXES.stream().anyMatch(argument::startsWith)) {
                forwarded.add(argument);
            }
        }
        return forwarded;
    }

    /** What the value of an option about modules becomes; empty if it is about none of the JDK's. */
    private static String onTheClassPath(String option, String value) {
        return switch (option) {
            case "--add-modules" ->
                Stream.of(value.split(","))
                        .filter(module ->
                                isOfTheJdk(module) || module.equals("ALL-SYSTEM") || module.equals("ALL-DEFAULT"))
                        .collect(Collectors.joining(","));
            case "--enable-native-access" -> UNNAMED;
            case "--add-reads", "--add-opens", "--add-exports" -> {
                int equals = value.indexOf('=');
                int slash = value.indexOf('/');
                String module = value.substring(0, slash >= 0 && slash < equals ? slash : Math.max(equals, 0));
                yield isOfTheJdk(module) ? value.substring(0, equals) + "=" + UNNAMED : "";
            }
            default -> throw new AssertionError(option);
        };
    }

    private static boolean isOfTheJdk(String module) {
        return ModuleFinder.ofSystem().find(module).isPresent();
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
