package io.farpool.bench.system;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/** Command lines of the programs that are started: the same java as this one's, and each system's own jars. */
public final class Programs {
    /** Tells a program that this one starts which jars there are. */
    private static final String JARS = "farpool.bench.jars";

    private Programs() {}

    /** The command line of a main class. */
    public static List<String> java(List<String> options, String classPath, String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        if (Runtime.version().feature() >= 24) {
            // As bin/farpool: else the JVM warns of what the transport does.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.add("-D" + JARS + "=" + classPath(jar -> true));
        command.add("-cp");
        command.add(classPath);
        command.add(main);
        return command;
    }

    /** The jars of this module's build that a system's programs need. */
    public static String classPath(Kind kind) {
        return classPath(kind::needs);
    }

    /** What the farpool command runs on: no client, no peers. */
    static String daemonClassPath() {
        return classPath(jar -> !jar.startsWith("ignite-")
                && !jar.startsWith("hazelcast-")
                && !jar.startsWith("jmh-")
                && !jar.startsWith("farpool-client")
                && !jar.startsWith("farpool-bench")
                && !jar.startsWith("kryo"));
    }

    /** All of it, for the harness's own programs. */
    public static String wholeClassPath() {
        return classPath(jar -> true);
    }

    private static String classPath(Predicate<String> wanted) {
        return jars().stream()
                .filter(jar -> wanted.test(jar.getFileName().toString()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** As the harness's manifest says: in {@code lib/} there may be others, of a build before. */
    private static List<Path> jars() {
        String told = System.getProperty(JARS);
        if (told != null) {
            return Arrays.stream(told.split(File.pathSeparator)).map(Path::of).toList();
        }
        Path own = ownJar();
        List<Path> jars = new ArrayList<>();
        String name = own.getFileName().toString();
        jars.add(own.resolveSibling("programs").resolve(name.replace(".jar", "-programs.jar")));
        try (JarFile jar = new JarFile(own.toFile())) {
            String names = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            for (String library : names.split(" ", -1)) {
                jars.add(own.resolveSibling(library));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + own.getFileName() + ", as ./mvnw package makes it", e);
        }
        return jars;
    }

    /** This module's jar; beside it is {@code lib/}. */
    public static Path ownJar() {
        try {
            Path own = Path.of(Programs.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (!Files.isRegularFile(own)) {
                throw new IllegalStateException("runs only from its jar, with lib/ beside it: see bench/run");
            }
            return own;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
