package io.farpool.builds;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this module's build has made: its program in several packagings, and the jars that it needs. */
final class Builds {
    static final Path DIRECTORY = Path.of(property("directory"));

    private Builds() {}

    /** What the build says about itself, to its tests. */
    static String property(String name) {
        String value = System.getProperty("farpool.builds." + name);
        if (value == null) {
            throw new IllegalStateException("farpool.builds." + name + " is not set: run this test by Maven");
        }
        return value;
    }

    /** The program's classes and resources. */
    static Path classes() {
        return DIRECTORY.resolve("classes");
    }

    /** The program's jar, or another packaging of it: {@code -boot}, {@code -shaded}. */
    static Path jar(String packaging) {
        return DIRECTORY.resolve(property("name") + packaging + ".jar");
    }

    /** The jars that the program needs: Farpool's client, and all else. */
    static List<Path> libraries() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("lib"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This JVM's class path entries of this kind. */
    static List<Path> ownEntries(Predicate<String> isWanted) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(isWanted)
                .map(Path::of)
                .toList();
    }

    /** The class path of a daemon: the libraries, and these tests. */
    static String farpool() {
        return joined(Stream.concat(Stream.of(DIRECTORY.resolve("test-classes")), libraries().stream())
                .toList());
    }

    static String joined(List<Path> entries) {
        return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    static String joined(Path first, List<Path> others) {
        return first + File.pathSeparator + joined(others);
    }
}
