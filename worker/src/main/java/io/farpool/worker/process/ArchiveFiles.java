package io.farpool.worker.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives of class data in a directory, which may be shared by daemons and outlive them:
 *
 * <pre>
 * KEY-RANDOM.part          being made, or left over from a crash
 * KEY-RANDOM.made          made whole, not looked at since
 * KEY-SIZE-CRC32C.jsa      an archive
 * </pre>
 *
 * <p>A JVM that is given a damaged archive may crash, so none is used before its checksum was computed, once a daemon.
 *
 * <p>Thread-safe: files change their names in one step, and who comes too late looks again.
 */
final class ArchiveFiles {
    /** Archives kept; the least recently used go. One takes about 5 MB. */
    static final int MOST = 8;

    private static final Duration PART_LIFE = Duration.ofMinutes(5);
    private static final Duration MADE_LIFE = Duration.ofDays(1);
    /** How exactly it is known when an archive was last used. */
    private static final Duration USE_GRAIN = Duration.ofHours(1);

    private static final Pattern ARCHIVE = Pattern.compile("[0-9a-f]{16}-([0-9]{1,12})-([0-9a-f]{1,8})\\.jsa");
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Logger log = LoggerFactory.getLogger(ArchiveFiles.class);

    private record Checked(Path file, long sizeBytes, FileTime modified, @Nullable Object fileKey) {
        static Checked of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Checked(file, now.size(), now.lastModifiedTime(), now.fileKey());
        }
    }

    private final Path directory;
    /** Guarded by this. At most {@link #MOST}, the oldest first. */
    private final Map<String, Checked> checked = new LinkedHashMap<>();

    ArchiveFiles(Path directory) {
        this.directory = directory;
    }

    /** An archive that is whole; null if there is none. */
    synchronized @Nullable Path find(String key) {
        try {
            Checked known = checked.get(key);
            if (known != null && known.equals(Checked.of(known.file))) {
                return known.file;
            }
        } catch (IOException gone) {
            // Then it is looked for.
        }
        checked.remove(key);
        for (Path file : filesOf(key)) {
            try {
                Path archive = use(file);
                if (archive != null) {
                    if (checked.size() == MOST) {
                        checked.remove(checked.keySet().iterator().next());
                    }
                    checked.put(key, Checked.of(archive));
                    return archive;
                }
            } catch (IOException e) {
                log.debug("event=archive-not-readable file={} reason=\"{}\"", file, e.toString());
            }
        }
        return null;
    }

    /** Whether somebody is at making one. */
    boolean isBeingMade(String key) {
        sweep();
        return filesOf(key).stream().anyMatch(file -> file.toString().endsWith(".part"));
    }

    /** An empty file that says that this archive is being made; it is to become it. */
    Path begin(String key) throws IOException {
        return Files.createFile(directory.resolve(
                key + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".part"));
    }

    /** Removes what is left of crashes, and archives past the bound. */
    private void sweep() {
        long nowMillis = System.currentTimeMillis();
        List<Path> archives = new ArrayList<>();
        for (Path file : list("")) {
            String name = file.toString();
            if (name.endsWith(".jsa")) {
                archives.add(file);
            } else if (name.endsWith(".part") || name.endsWith(".made")) {
                Duration life = name.endsWith(".part") ? PART_LIFE : MADE_LIFE;
                if (nowMillis - modifiedMillis(file) > life.toMillis()) {
                    delete(file);
                }
            }
        }
        archives.sort(Comparator.comparingLong(ArchiveFiles::modifiedMillis).reversed());
        archives.stream().skip(MOST - 1L).forEach(ArchiveFiles::delete); // there is to be room for one more
    }

    private static @Nullable Path use(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".made")) {
            return adopt(file, name.substring(0, name.indexOf('-')));
        }
        Matcher archive = ARCHIVE.matcher(name);
        if (!archive.matches()) {
            return null;
        }
        if (Files.size(file) != Long.parseLong(archive.group(1)) || checksum(file) != parseHex(archive.group(2))) {
            log.warn("event=archive-damaged file={} action=removed", file);
            delete(file);
            return null;
        }
        FileTime now = FileTime.fromMillis(System.currentTimeMillis());
        if (now.toMillis() - modifiedMillis(file) > USE_GRAIN.toMillis()) {
            Files.setLastModifiedTime(file, now);
        }
        return file;
    }

    private static @Nullable Path adopt(Path made, String key) throws IOException {
        long sizeBytes = Files.size(made);
        if (sizeBytes == 0) {
            delete(made);
            return null;
        }
        String name = key + "-" + sizeBytes + "-" + Long.toHexString(checksum(made)) + ".jsa";
        try {
            return Files.move(made, made.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException somebodyElse) {
            return null;
        }
    }

    private static long parseHex(String text) {
        return Long.parseLong(text, 16);
    }

    private static long checksum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        }
        return crc.getValue();
    }

    private List<Path> filesOf(String key) {
        return list(key + "-");
    }

    private List<Path> list(String prefix) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            for (Path file : found) {
                if (file.getFileName().toString().startsWith(prefix)) {
                    files.add(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            log.debug("event=archives-not-listed directory={} reason=\"{}\"", directory, e.toString());
        }
        files.sort(null);
        return files;
    }

    private static long modifiedMillis(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException gone) {
            return 0;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("event=archive-not-removed file={} reason=\"{}\"", file, e.toString());
        }
    }
}
