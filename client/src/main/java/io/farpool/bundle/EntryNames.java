package io.farpool.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The names of the files in a jar or a class directory, as a class loader asks for them. */
final class EntryNames {
    private EntryNames() {}

    static List<String> of(Path entry) throws IOException {
        if (Files.isDirectory(entry)) {
            try (Stream<Path> files = Files.walk(entry)) {
                return files.filter(file -> !Files.isDirectory(file))
                        .map(file -> entry.relativize(file).toString())
                        .toList();
            }
        }
        List<String> names = new ArrayList<>();
        try (ZipFile zip = new ZipFile(entry.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry next = entries.nextElement();
                if (!next.isDirectory()) {
                    names.add(next.getName());
                }
            }
        }
        return names;
    }

    /**
     * Whether one of these directories may be in it. Cheap: this JVM has a jar that comes before Farpool's open already, and
     * most tools write directories into jars. Of one that has none the names must tell.
     */
    static boolean haveDirectory(Path entry, Set<String> directories) throws IOException {
        if (Files.isDirectory(entry)) {
            return directories.stream().anyMatch(name -> Files.isDirectory(entry.resolve(name)));
        }
        if (!JarFacts.isJar(entry)) {
            return false;
        }
        try (ZipFile zip = new ZipFile(entry.toFile())) {
            return zip.getEntry("META-INF/") == null
                    || directories.stream().anyMatch(name -> zip.getEntry(name + "/") != null);
        }
    }
}
