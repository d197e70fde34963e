package io.farpool.bundle;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A class path as java writes it: elements between separators, an empty one for the current directory, {@code dir/*}. */
final class ClassPathText {
    private ClassPathText() {}

    static List<Path> elements(String text) {
        List<Path> elements = new ArrayList<>();
        for (String element : text.split(Pattern.quote(File.pathSeparator), -1)) {
            elements.add(Path.of(element).toAbsolutePath());
        }
        return elements;
    }

    /** The path itself, or the jars that its last element {@code *} stands for, by name. */
    static List<Path> expanded(Path path) {
        Path name = path.getFileName();
        Path parent = path.getParent();
        if (name == null || parent == null || !name.toString().equals("*")) {
            return List.of(path);
        }
        return Files.isDirectory(parent) ? jarsIn(parent) : List.of();
    }

    /** As java does: names that end in .jar or .JAR. */
    static List<Path> jarsIn(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            file.toString().endsWith(".jar") || file.toString().endsWith(".JAR"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the class path's directory " + directory + ": " + e, e);
        }
    }
}
