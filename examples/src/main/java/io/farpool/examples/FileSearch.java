package io.farpool.examples;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files under a folder that have a wanted name, in order of their paths, and the folders that could not be looked into.
 *
 * <p>A link to a file counts as a file, one that leads nowhere too (opening it says so); links to folders are not
 * followed, and pipes, sockets and devices, which may block whoever opens them, are left out.
 */
record FileSearch(List<Path> files, List<IOException> failures) {
    /** Searches {@code root} and all below it except {@code excluded}. */
    static FileSearch under(Path root, Predicate<Path> wanted, @Nullable Path excluded) throws IOException {
        List<Path> files = new ArrayList<>();
        List<IOException> failures = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return folder.equals(excluded) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (wanted.test(file) && (Files.isRegularFile(file) || Files.notExists(file))) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                failures.add(failure);
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(files);
        return new FileSearch(List.copyOf(files), List.copyOf(failures));
    }
}
