package io.farpool.bundle;

import io.farpool.blob.BlobDigest;
import io.farpool.bundle.EntryCache.PackedDirectory;
import io.farpool.bundle.EntryCache.PackedPart;
import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class path ready to be sent: files only, each with its digest. Directories are jars in temporary files, which stay until
 * this is closed; a session that may have to send them again keeps it open.
 *
 * <p>Thread-safe.
 */
public final class PackedBundle implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(PackedBundle.class);

    /**
     * One file of the class path.
     *
     * @param name for people: the jar's own, or the directory's with a number, if it is several, and {@code .jar} after it
     * @param file where its bytes are
     * @param digest what its bytes were
     */
    public record Entry(String name, Path file, BlobDigest digest) {}

    private final List<Entry> entries;
    private final int runtimeEntries;
    private final int classFileMajorVersion;
    private final EntryCache cache;
    private final List<PackedDirectory> directories;
    private boolean closed;

    private PackedBundle(
            List<Entry> entries,
            int runtimeEntries,
            int classFileMajorVersion,
            EntryCache cache,
            List<PackedDirectory> directories) {
        this.entries = entries;
        this.runtimeEntries = runtimeEntries;
        this.classFileMajorVersion = classFileMajorVersion;
        this.cache = cache;
        this.directories = directories;
    }

    static PackedBundle of(List<Path> classPath, EntryCache cache) throws IOException {
        RuntimeEntries runtime = RuntimeEntries.inFront(List.copyOf(followed(classPath, cache)), cache, true);
        List<Path> followed = runtime.classPath();
        Map<Path, PackedDirectory> directories = new LinkedHashMap<>();
        int parts = DirectoryPacker.partsEach(
                (int) followed.stream().filter(Files::isDirectory).count());
        try {
            int newestClassFiles = 0;
            for (Path path : followed) {
                if (Files.isDirectory(path)) {
                    PackedDirectory directory = cache.acquire(path, parts);
                    directories.put(path, directory);
                    newestClassFiles = Math.max(newestClassFiles, directory.classFileMajorVersion);
                } else {
                    newestClassFiles =
                            Math.max(newestClassFiles, cache.facts(path).classFileMajorVersion());
                }
            }
            List<Entry> entries = entries(followed, directories, cache);
            int ofThisJvm = ClassPathBundle.classFileMajorVersionOfThisJvm();
            int major = newestClassFiles == 0 ? ofThisJvm : Math.min(newestClassFiles, ofThisJvm);
            return new PackedBundle(entries, runtime.count(), major, cache, List.copyOf(directories.values()));
        } catch (IOException | RuntimeException e) {
            directories.values().forEach(cache::release);
            throw e;
        }
    }

    /** Each entry, then what its manifest names, and so on, in the order in which java looks through them. */
    static Set<Path> followed(List<Path> classPath, EntryCache cache) throws IOException {
        Set<Path> seen = new LinkedHashSet<>();
        Set<Path> kept = new LinkedHashSet<>();
        Deque<Path> ahead = new ArrayDeque<>(classPath);
        while (!ahead.isEmpty()) {
            Path path = ahead.removeFirst();
            if (!seen.add(path) || !Files.exists(path)) {
                continue;
            }
            if (Files.isDirectory(path)) {
                kept.add(path);
            } else if (!JarFacts.isJar(path)) {
                log.debug("Left out of the bundle, as it is no jar path={}", path);
            } else {
                JarFacts facts = cache.facts(path);
                if (!facts.holdsOnlyManifest()) {
                    kept.add(path);
                }
                List<Path> named = facts.manifestClassPath();
                for (int i = named.size() - 1; i >= 0; i--) {
                    ahead.addFirst(named.get(i));
                }
            }
        }
        return kept;
    }

    private static List<Entry> entries(List<Path> paths, Map<Path, PackedDirectory> directories, EntryCache cache)
            throws IOException {
        try {
            return paths.parallelStream()
                    .flatMap(path -> {
                        PackedDirectory directory = directories.get(path);
                        return directory != null
                                ? partEntries(nameOf(path), directory.parts)
                                : Stream.of(jarEntry(path, cache));
                    })
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Stream<Entry> partEntries(String name, List<PackedPart> parts) {
        return IntStream.range(0, parts.size()).mapToObj(i -> {
            PackedPart part = parts.get(i);
            return new Entry(name + (parts.size() == 1 ? "" : "-" + (i + 1)) + ".jar", part.jar(), part.digest());
        });
    }

    private static Entry jarEntry(Path jar, EntryCache cache) {
        try {
            return new Entry(nameOf(jar), jar, cache.digest(jar));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path path) {
        Path name = path.getFileName();
        return name == null ? "root" : name.toString();
    }

    /** The files, in the class path's order. */
    public List<Entry> entries() {
        return entries;
    }

    /** For Open: names and digests. */
    public Bundle bundle() {
        Bundle.Builder bundle = Bundle.newBuilder().setRuntimeEntries(runtimeEntries);
        for (Entry entry : entries) {
            bundle.addEntries(BundleEntry.newBuilder()
                    .setName(entry.name())
                    .setDigest(entry.digest().toWire()));
        }
        return bundle.build();
    }

    /**
     * What JDK a host needs: the newest class files in it (61: Java 17), but never newer than this JVM's own. This JVM's
     * version alone would refuse hosts that can run code compiled for older ones. Only the first class of each entry is
     * looked at: one compiler run made the others, and variants for newer JDKs are never needed.
     */
    public int classFileMajorVersion() {
        return classFileMajorVersion;
    }

    /** The size of all files. */
    public long sizeBytes() {
        return entries.stream().mapToLong(entry -> entry.digest().sizeBytes()).sum();
    }

    /** Lets go of the temporary files. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            directories.forEach(cache::release);
        }
    }
}
