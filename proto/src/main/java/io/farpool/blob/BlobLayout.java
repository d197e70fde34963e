package io.farpool.blob;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a {@link BlobStore} keeps what:
 *
 * <pre>
 * lock                                   held while a store is open
 * incoming/UUID.part                     being written; at a start, left over from a crash
 * blobs/ab/cd/abcd….-1234/guava.jar      one blob: its SHA-256, its size, and a name for people
 * </pre>
 */
final class BlobLayout {
    private static final Logger log = LoggerFactory.getLogger(BlobLayout.class);
    private static final Pattern BLOB_DIRECTORY = Pattern.compile("([0-9a-f]{64})-([0-9]{1,18})");
    private static final int MAX_NAME_CHARACTERS = 100;

    private final Path root;
    private final Path incoming;
    private final Path blobs;

    BlobLayout(Path root) {
        this.root = root;
        this.incoming = root.resolve("incoming");
        this.blobs = root.resolve("blobs");
    }

    Path root() {
        return root;
    }

    Path lockFile() {
        return root.resolve("lock");
    }

    Path incoming(UUID random) {
        return incoming.resolve(random + ".part");
    }

    Path directoryOf(BlobDigest digest) {
        return blobs.resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex().substring(2, 4))
                .resolve(digest.hex() + "-" + digest.sizeBytes());
    }

    Path fileOf(BlobDigest digest, String name) {
        return directoryOf(digest).resolve(name);
    }

    /**
     * What of a name may stand in a path: the part after the last separator, of letters, digits and a few signs. Never empty,
     * hidden, or a step up; never holds a separator of paths or of class paths.
     */
    static String sanitized(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String kept = last.replaceAll("[^A-Za-z0-9._+=@-]", "_");
        if (kept.length() > MAX_NAME_CHARACTERS) {
            kept = kept.substring(kept.length() - MAX_NAME_CHARACTERS);
        }
        return kept.isEmpty() || kept.startsWith(".") || kept.startsWith("-") ? "_" + kept : kept;
    }

    void createDirectories() throws IOException {
        Files.createDirectories(incoming);
        Files.createDirectories(blobs);
    }

    /** Removes what a crash has left half written. Only for the lock's holder. */
    void removeIncoming() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(incoming, "*.part")) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    /** One blob found on disk, not verified but for its size. */
    record Found(BlobDigest digest, Path file, long lastUsedMillis) {}

    /** All blobs on disk, least recently used first. What cannot be one is removed; what does not look like ours is left. */
    List<Found> scan() throws IOException {
        List<Found> found = new ArrayList<>();
        for (Path first : directoriesIn(blobs)) {
            for (Path second : directoriesIn(first)) {
                for (Path directory : directoriesIn(second)) {
                    Found blob = inspect(directory);
                    if (blob != null) {
                        found.add(blob);
                    }
                }
            }
        }
        found.sort(Comparator.comparingLong(Found::lastUsedMillis)
                .thenComparing(blob -> blob.digest().hex()));
        return found;
    }

    private @Nullable Found inspect(Path directory) throws IOException {
        Matcher name = BLOB_DIRECTORY.matcher(directory.getFileName().toString());
        if (!name.matches()) {
            return null;
        }
        BlobDigest digest = new BlobDigest(name.group(1), Long.parseLong(name.group(2)));
        if (!directory.equals(directoryOf(digest))) {
            return null;
        }
        List<Path> files = entriesOf(directory);
        if (files.size() == 1) {
            BasicFileAttributes file =
                    Files.readAttributes(files.get(0), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (file.isRegularFile() && file.size() == digest.sizeBytes()) {
                long lastUsedMillis = Math.max(
                        file.lastAccessTime().toMillis(),
                        file.lastModifiedTime().toMillis());
                return new Found(digest, files.get(0), lastUsedMillis);
            }
        }
        if (!files.isEmpty()) {
            log.warn("Discarded a blob that is not whole digest={} files={}", digest, files);
        }
        remove(digest);
        return null;
    }

    /** Removes a blob's directory with the file in it. */
    void remove(BlobDigest digest) throws IOException {
        Path directory = directoryOf(digest);
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : entriesOf(directory)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        }
    }

    private static List<Path> directoriesIn(Path directory) throws IOException {
        return entriesOf(directory).stream()
                .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    private static List<Path> entriesOf(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }
}
