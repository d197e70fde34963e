package io.farpool.worker.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon's own directory, for nobody else's eyes: the socket, and a directory for each process, with its marker and its
 * temporary files. Removed at the end.
 */
final class DaemonDirectory {
    /** Of a Unix socket's address, the terminating zero included. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final String SOCKET = "s";
    /** Says whose it is, to an operator who finds one after a crash. */
    private static final String PREFIX = "farpool-" + ProcessHandle.current().pid() + "-";

    private static final Logger log = LoggerFactory.getLogger(DaemonDirectory.class);

    private final Path root;

    private DaemonDirectory(Path root) {
        this.root = root;
    }

    /** Makes one under the JVM's temporary directory, or under /tmp where that would make the socket's path too long. */
    static DaemonDirectory create() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        DaemonDirectory directory = new DaemonDirectory(createPrivate(temporary));
        if (directory.socketPathBytes() <= LONGEST_SOCKET_PATH) {
            return directory;
        }
        Files.delete(directory.root);
        return new DaemonDirectory(createPrivate(Path.of("/tmp")));
    }

    Path socket() {
        return root.resolve(SOCKET);
    }

    Path createForProcess(long process) throws IOException {
        Path directory = root.resolve("p" + process);
        Files.createDirectory(directory);
        Files.createDirectory(directory.resolve("tmp"));
        return directory;
    }

    void remove() {
        remove(root);
    }

    /** Removes what can be removed; says so when something could not. Does not follow links. */
    static void remove(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException | UncheckedIOException failure) {
            log.warn("event=directory-not-removed directory={} reason=\"{}\"", directory, failure.toString());
        }
    }

    private int socketPathBytes() {
        return socket().toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static Path createPrivate(Path parent) throws IOException {
        return Files.createTempDirectory(
                parent, PREFIX, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
