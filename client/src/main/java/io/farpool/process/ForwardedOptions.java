package io.farpool.process;

import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
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

    private static final Set<String> TAKING_THE_NEXT = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--limit-modules",
            "--patch-module",
            "--source");
    /** What follows is the program's. */
    private static final Set<String> OF_THE_PROGRAM = Set.of("-jar", "-m", "--module");

    private static final String UNNAMED = "ALL-UNNAMED";

    private ForwardedOptions() {}

    /** From the command line, argument files and variables that this JVM has its options from. */
    public static List<String> ofThisJvm() {
        if (ModuleLayer.boot().findModule("java.management").isPresent()) {
            return select(ManagementFactory.getRuntimeMXBean().getInputArguments());
        }
        return select(beforeTheProgram(
                List.of(ProcessHandle.current().info().arguments().orElse(new String[0]))));
    }

    /**
     * In a runtime image without that module: what stands on the command line before the program. Empty where the platform does
     * not tell it, as Linux when it has more than 4,096 bytes.
     */
    static List<String> beforeTheProgram(List<String> commandLine) {
        int i = 0;
        while (i < commandLine.size()
                && commandLine.get(i).startsWith("-")
                && !OF_THE_PROGRAM.contains(nameOf(commandLine.get(i)))) {
            i += TAKING_THE_NEXT.contains(commandLine.get(i)) || OF_MODULES.contains(commandLine.get(i)) ? 2 : 1;
        }
        return commandLine.subList(0, Math.min(i, commandLine.size()));
    }

    /**
     * Picks what is forwarded. A worker process has everything on its class path: what is said of the JDK's modules still holds
     * there, for the unnamed module; of the program's own modules there are none.
     *
     * @param arguments of the JVM
     */
    static List<String> select(List<String> arguments) {
        List<String> forwarded = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String option = nameOf(argument);
            if (OF_MODULES.contains(option) && (equals >= 0 || i + 1 < arguments.size())) {
                String value = equals >= 0 ? argument.substring(equals + 1) : arguments.get(++i);
                String there = onTheClassPath(option, value);
                if (!there.isEmpty()) {
                    forwarded.add(option + "=" + there);
                }
            } else if (TAKING_THE_NEXT.contains(argument)) {
                i++;
            } else if (argument.equals("--enable-preview") || PREFIXES.stream().anyMatch(argument::startsWith)) {
                forwarded.add(argument);
            }
        }
        return forwarded;
    }

    private static String nameOf(String argument) {
        int equals = argument.indexOf('=');
        return equals < 0 ? argument : argument.substring(0, equals);
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
}
