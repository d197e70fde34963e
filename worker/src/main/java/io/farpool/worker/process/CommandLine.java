package io.farpool.worker.process;

import io.farpool.proto.v1.EnvironmentVariable;
import io.farpool.proto.v1.ProcessSpec;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Words the command that starts a worker process: Farpool's own JVM options, then the session's, which so have the last
 * word, then the class path and the main class with its arguments.
 */
final class CommandLine {
    /** Linux takes at most 128 KiB in one argument; long before that, {@code ps} is no pleasure any more. */
    static final int LONGEST_CLASS_PATH = 20_000;

    private static final int FIRST_WITH_UNSAFE_WARNINGS = 24;

    private CommandLine() {}

    /**
     * The options before the class path.
     *
     * @param archive of class data, that the session's options {@linkplain #takesArchive leave room for}; null: none
     */
    static List<String> options(
            int javaFeature,
            long heapBytes,
            Path temporaryDirectory,
            List<String> sessionOptions,
            @Nullable Path archive) {
        List<String> options = new ArrayList<>();
        if (sessionOptions.stream().noneMatch(CommandLine::choosesCollector)) {
            options.add("-XX:+UseSerialGC");
        }
        // Serial GC switches these off, and a process in a long counted loop would outlive its socket by seconds.
        // One every 1,000 iterations, as with G1: with one in each, the JVM would warn on stderr, and not vectorize.
        options.add("-XX:+UseCountedLoopSafepoints");
        options.add("-XX:LoopStripMiningIter=1000");
        if (sessionOptions.stream().noneMatch(CommandLine::choosesArchive)) {
            options.add("-Xshare:auto");
        }
        if (archive != null) {
            options.add("-XX:SharedArchiveFile=" + archive);
            // A JVM that cannot use it, for the session's options perhaps, goes without, but would say so on stdout.
            options.add("-Xlog:cds=off");
            options.add("-Xlog:cds+dynamic=off");
        }
        if (javaFeature >= FIRST_WITH_UNSAFE_WARNINGS) {
            options.add("--sun-misc-unsafe-memory-access=allow");
            options.add("--enable-native-access=ALL-UNNAMED");
        }
        if (heapBytes > 0 && sessionOptions.stream().noneMatch(CommandLine::choosesHeap)) {
            options.add("-Xmx" + Math.max(16, heapBytes >> 20) + "m");
        }
        // The names before and since JDK 19. Without a terminal the default is the locale's, which in a container is
        // ASCII.
        options.add("-Dsun.stdout.encoding=UTF-8");
        options.add("-Dsun.stderr.encoding=UTF-8");
        options.add("-Dstdout.encoding=UTF-8");
        options.add("-Dstderr.encoding=UTF-8");
        options.add("-Djava.io.tmpdir=" + temporaryDirectory);
        options.addAll(sessionOptions);
        return options;
    }

    /** @throws IOException when an entry cannot stand on a class path */
    static String classPath(List<String> entries) throws IOException {
        for (String entry : entries) {
            if (entry.contains(File.pathSeparator)) {
                throw new IOException("the class path entry " + entry + " contains '" + File.pathSeparator + "'");
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    /** What a launcher's argument file must hold so that it reads this argument. */
    static String quoted(String argument) {
        StringBuilder quoted = new StringBuilder(argument.length() + 2).append('"');
        for (int i = 0; i < argument.length(); i++) {
            char c = argument.charAt(i);
            switch (c) {
                case '\\', '"' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\f' -> quoted.append("\\f");
                default -> quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static boolean choosesCollector(String option) {
        return option.matches("-XX:\\+Use\\w+GC");
    }

    private static boolean choosesArchive(String option) {
        return option.startsWith("-Xshare:") || option.startsWith("-XX:AOT");
    }

    /** Whether an archive of class data may be added to what a session wants: not if it could be in the way of something. */
    static boolean takesArchive(ProcessSpec spec) {
        return spec.getJvmOptionsList().stream().noneMatch(CommandLine::bearsNoArchive)
                && spec.getEnvironmentList().stream()
                        .map(EnvironmentVariable::getName)
                        .noneMatch(ProcessLauncher.OPTIONS_VARIABLES::contains);
    }

    private static boolean bearsNoArchive(String option) {
        return choosesArchive(option)
                || (option.startsWith("-XX:") && (option.contains("Archive") || option.contains("Shared")))
                || option.startsWith("-XX:Flags=")
                || option.startsWith("-XX:VMOptionsFile=")
                || option.startsWith("@")
                // The JVM would warn that it loads nothing of the program's from archives then.
                || option.startsWith("-Djava.system.class.loader=");
    }

    private static boolean choosesHeap(String option) {
        return option.startsWith("-Xmx") || option.startsWith("-XX:MaxHeapSize=") || option.startsWith("-XX:MaxRAM");
    }
}
