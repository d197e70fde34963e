package io.farpool.temporary;

import io.farpool.wire.RandomBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of this JVM's own, for nobody else's eyes, named {@code farpool-KIND-PID-RANDOM}, a
 * daemon's without the kind. {@link #close} removes it. A JVM
 * that is killed cannot do that: making one therefore also has those that dead JVMs of the same user have left beside it
 * removed, once a JVM, a second later and in the background.
 *
 * <p>A file in it is locked while this JVM lives. That, unlike its process id, means the same in all containers that
 * share the directory around it.
 *
 * <p>Thread-safe.
 */
public final class TemporaryDirectory implements AutoCloseable {
    static final String PREFIX = "farpool-";
    static final String LOCK_FILE = "lock";

    /** Somebody may add files while they are removed; nobody goes on doing so. */
    private static final int REMOVE_TRIES = 20;

    /** On POSIX systems, as a temporary directory of the JDK's is. */
    private static final FileAttribute<?>[] OWNERS_ALONE =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                    }
                    : new FileAttribute<?>[0];

    private static final Logger log = LoggerFactory.getLogger(TemporaryDirectory.class);

    private final Path path;
    private final FileChannel lock;

    private TemporaryDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** What a directory is for, as its name tells an operator. */
    public enum Kind {
        /** Of a daemon, or an embedded pool: its socket, and what its worker processes have. */
        DAEMON(""),
        /** A daemon's blobs. */
        CACHE("cache-"),
        /** A coordinator's blobs. */
        COORDINATOR("coordinator-"),
        /** Class directories, packed by a client. */
        BUNDLE("bundle-"),
        /** A client's: large tasks that are pending, and large results until they have been decoded. */
        PAYLOADS("payloads-"),
        /** What a client's session shares. */
        SHARED("shared-"),
        /** Of the making of an archive of class data. */
        REHEARSAL("rehearsal-");

        final String infix;

        Kind(String infix) {
            this.infix = infix;
        }
    }

    /** Makes one under the JVM's temporary directory. */
    public static TemporaryDirectory create(Kind kind) throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath(), kind);
    }

    /** Makes one under this directory. */
    public static TemporaryDirectory create(Path parent, Kind kind) throws IOException {
        Path path = createUnlocked(parent, kind);
        try {
            FileChannel lock =
                    FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                log.debug("event=directory-not-locked directory={}", path);
            }
            AbandonedDirectories.sweepOnce(parent);
            return new TemporaryDirectory(path, lock);
        } catch (IOException noLock) {
            remove(path); // rather than leave it to another JVM's sweep
            throw noLock;
        }
    }

    /**
     * Makes one for a process that may outlive this JVM and removes it in the end. After a minute it may be taken for
     * abandoned, once this JVM has gone.
     */
    public static Path createUnlocked(Path parent, Kind kind) throws IOException {
        String name = PREFIX + kind.infix + ProcessHandle.current().pid() + "-"
                + Long.toUnsignedString(RandomBytes.nextLong());
        return Files.createDirectory(parent.resolve(name), OWNERS_ALONE);
    }

    public Path path() {
        return path;
    }

    /** Has the JVM remove it when it exits, if by then there is nothing in it but what was registered later. */
    public void deleteOnExit() {
        // The order of deletion is the reverse.
        path.toFile().deleteOnExit();
        path.resolve(LOCK_FILE).toFile().deleteOnExit();
    }

    /** Removes it, with all that is in it. May be called again. */
    @Override
    public void close() {
        remove(path);
        try {
            lock.close();
        } catch (IOException e) {
            log.debug("event=close-failed directory={}", path, e);
        }
    }

    /** Removes what can be removed; says so when something could not. Does not follow links. */
    public static void remove(Path directory) {
        for (int tries = 1; ; tries++) {
            try {
                Files.walkFileTree(directory, new Removal());
                return;
            } catch (DirectoryNotEmptyException filled) {
                if (tries == REMOVE_TRIES) {
                    log.warn("event=directory-not-removed directory={} reason=\"{}\"", directory, filled.toString());
                    return;
                }
            } catch (IOException | UncheckedIOException failure) {
                log.warn("event=directory-not-removed directory={} reason=\"{}\"", directory, failure.toString());
                return;
            }
        }
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
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
    }
}
