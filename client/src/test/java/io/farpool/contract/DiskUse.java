package io.farpool.contract;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Looks, over and over, at how much the files below a directory take, by whose they are; remembers the most. A file counts from
 * its first byte to its removal.
 */
final class DiskUse implements AutoCloseable {
    /** Of what is on disk beside payloads and the class path: sockets, archives of class data, what frames a result. */
    static final long SMALL_FILES_BYTES = 48 << 20;

    private static final long PAUSE_MILLIS = 50;

    private final Path directory;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    // Guarded by this.
    private final Map<String, Long> most = new TreeMap<>();

    DiskUse(Path directory) {
        this.directory = directory;
        this.thread = new Thread(this::look, "disk-use");
        thread.setDaemon(true);
        thread.start();
    }

    /** What this program's class path takes. */
    static long classPathBytes() throws IOException {
        long bytes = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!Files.exists(Path.of(entry))) {
                continue; // as a directory of classes that a build has not made
            }
            try (Stream<Path> files = Files.walk(Path.of(entry))) {
                bytes += files.mapToLong(
                                file -> file.toFile().isFile() ? file.toFile().length() : 0)
                        .sum();
            }
        }
        return bytes;
    }

    /** The most that was seen at one time in the directories that a program calls by this prefix. */
    synchronized long mostBytes(String prefix) {
        return most.getOrDefault(prefix, 0L);
    }

    private void look() {
        try {
            while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                remember(now());
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot look at " + directory, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void remember(Map<String, Long> now) {
        now.forEach((owner, bytes) -> most.merge(owner, bytes, Math::max));
    }

    private Map<String, Long> now() throws IOException {
        Map<String, Long> bytes = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes.merge(owner(file), attributes.size(), Long::sum);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path gone, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path gone, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes;
    }

    /** The beginning of the name of the directory that it is in, without the process id: {@code farpool-payloads-} say. */
    private String owner(Path file) {
        return directory.relativize(file).getName(0).toString().replaceFirst("\\d.*", "");
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
    }
}
