package io.farpool.bundle;

import io.farpool.blob.BlobDigest;
import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of jars and directories that this JVM has shipped before, so that its second pool opens fast. A file is
 * known by its path, size and time, a directory by those of all its files.
 *
 * <p>Thread-safe.
 */
final class EntryCache {
    /** Shared by all pools of this JVM: they mostly have the same class path. */
    static final EntryCache OF_THIS_JVM = new EntryCache();

    /** Jars remembered; the least recently used are forgotten, and read again when they are next needed. */
    static final int MAX_JARS = 4_096;

    /** Packed directories kept on disk for the next pool, besides those in use. */
    static final int MAX_PACKED = 64;

    private record FileKey(Path file, long sizeBytes, FileTime modified) {
        static FileKey of(Path file) throws UnreadableEntryException {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new FileKey(file, attributes.size(), attributes.lastModifiedTime());
            } catch (IOException e) {
                throw new UnreadableEntryException(file, e);
            }
        }
    }

    /** A jar in a temporary file. */
    record PackedPart(Path jar, BlobDigest digest) {}

    /** A directory packed as jars in temporary files, which are deleted when it is neither in use nor the newest one. */
    static final class PackedDirectory {
        final List<PackedPart> parts;
        final int classFileMajorVersion;
        private final String fingerprint;
        private int holders;
        private boolean isNewest = true;

        private PackedDirectory(List<PackedPart> parts, int classFileMajorVersion, String fingerprint) {
            this.parts = parts;
            this.classFileMajorVersion = classFileMajorVersion;
            this.fingerprint = fingerprint;
        }

        private boolean isThere() {
            return parts.stream().allMatch(part -> Files.exists(part.jar()));
        }
    }

    // All below is guarded by this. Least recently used first.
    private final Map<FileKey, JarFacts> facts = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<FileKey, BlobDigest> digests = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Path, PackedDirectory> packed = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable TemporaryDirectory temporaryDirectory;
    private long packedCount;

    JarFacts facts(Path jar) throws UnreadableEntryException {
        FileKey key = FileKey.of(jar);
        synchronized (this) {
            JarFacts known = facts.get(key);
            if (known != null) {
                return known;
            }
        }
        JarFacts read = JarFacts.of(jar);
        synchronized (this) {
            remember(facts, key, read);
        }
        return read;
    }

    BlobDigest digest(Path jar) throws UnreadableEntryException {
        FileKey key = FileKey.of(jar);
        synchronized (this) {
            BlobDigest known = digests.get(key);
            if (known != null) {
                return known;
            }
        }
        BlobDigest computed;
        try {
            computed = BlobDigest.ofFile(jar);
        } catch (IOException e) {
            throw new UnreadableEntryException(jar, e);
        }
        if (!FileKey.of(jar).equals(key)) {
            throw new UnreadableEntryException(jar, "it was changed while it was read");
        }
        synchronized (this) {
            remember(digests, key, computed);
        }
        return computed;
    }

    private static <V> void remember(Map<FileKey, V> known, FileKey key, V value) {
        known.put(key, value);
        if (known.size() > MAX_JARS) {
            known.remove(known.keySet().iterator().next());
        }
    }

    /**
     * Packs a directory, unless that has been done and nothing in it has changed. To be released in the end.
     *
     * @param parts about how many jars it is to be
     */
    synchronized PackedDirectory acquire(Path directory, int parts) throws IOException {
        DirectoryPacker packer = DirectoryPacker.of(directory);
        String fingerprint = packer.fingerprint() + " in " + parts;
        PackedDirectory newest = packed.get(directory);
        if (newest == null || !newest.fingerprint.equals(fingerprint) || !newest.isThere()) {
            PackedDirectory fresh = pack(packer, parts, fingerprint);
            retire(packed.put(directory, fresh));
            if (packed.size() > MAX_PACKED) {
                retire(packed.remove(packed.keySet().iterator().next()));
            }
            newest = fresh;
        }
        newest.holders++;
        return newest;
    }

    private synchronized PackedDirectory pack(DirectoryPacker packer, int about, String fingerprint)
            throws IOException {
        if (temporaryDirectory == null || !Files.isDirectory(temporaryDirectory.path())) {
            temporaryDirectory = TemporaryDirectory.create(TemporaryDirectory.Kind.BUNDLE);
            // Registered before what is in it, as the order of deletion is the reverse.
            temporaryDirectory.deleteOnExit();
        }
        List<PackedPart> parts = new ArrayList<>();
        Path jar = null;
        try {
            for (List<String> part : packer.parts(about)) {
                jar = temporaryDirectory.path().resolve(++packedCount + ".jar");
                jar.toFile().deleteOnExit();
                parts.add(new PackedPart(jar, packer.packTo(jar, part)));
            }
            return new PackedDirectory(List.copyOf(parts), packer.classFileMajorVersion(), fingerprint);
        } catch (IOException | RuntimeException e) {
            if (jar != null) {
                Files.deleteIfExists(jar);
            }
            delete(parts);
            throw e;
        }
    }

    synchronized void release(PackedDirectory directory) {
        directory.holders--;
        deleteIfUnused(directory);
    }

    private synchronized void retire(@Nullable PackedDirectory directory) {
        if (directory != null) {
            directory.isNewest = false;
            deleteIfUnused(directory);
        }
    }

    private static void deleteIfUnused(PackedDirectory directory) {
        if (directory.holders == 0 && !directory.isNewest) {
            delete(directory.parts);
        }
    }

    private static void delete(List<PackedPart> parts) {
        // Whatever stands in the way of this, the JVM's exit is the second try.
        parts.forEach(part -> part.jar().toFile().delete());
    }
}
