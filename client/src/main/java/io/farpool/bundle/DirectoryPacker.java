package io.farpool.bundle;

import io.farpool.blob.BlobDigest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A class directory as jars. The same files make the same bytes, whatever their times and wherever they are, so a cluster
 * that has them is not sent them again: names are sorted, times fixed, and nothing is compressed.
 *
 * <p>A directory of more than a few classes is several jars, each of some files that follow each other by name, so that
 * after an edit only those travel that hold what has changed. Which files are in which depends on names and sizes, never on the
 * order of events: a file that comes, goes or grows changes the jar that it is in, and rarely others.
 */
final class DirectoryPacker {
    /** Past these a directory is taken for something else than classes: a home directory that is on the class path as ".". */
    static final int MAX_FILES = 100_000;

    static final long MAX_BYTES = 4L << 30;

    /** Below this a directory is one jar: an edit sends no more than that. */
    static final long WHOLE_BYTES = 64 << 10;

    /**
     * About so many jars a larger directory is, up to twice as many. An edit sends one of them; each costs a worker process's start
     * some 0.3 ms.
     */
    static final int PARTS = 16;

    /** About so many jars all directories of a class path are together, unless there are more: it has at most 10,000 entries. */
    static final int ALL_PARTS = 1_024;

    static final long SMALLEST_PART_BYTES = 16 << 10;

    /** Not the first of 1980: that one is stored with an extra field in local time. */
    private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 2, 1, 0, 0, 0);

    private static final int BUFFER_BYTES = 1 << 16;
    private static final Pattern SIGNATURES = Pattern.compile("(?i)META-INF/[^/]+\\.(SF|RSA|DSA|EC)");

    private final Path directory;
    /** By their names in the jar; directories' end in a slash. */
    private final TreeMap<String, Found> files = new TreeMap<>();

    private long totalBytes;

    private record Found(Path file, BasicFileAttributes attributes) {
        long sizeBytes() {
            return attributes.isDirectory() ? 0 : attributes.size();
        }
    }

    private DirectoryPacker(Path directory) {
        this.directory = directory;
    }

    /** Looks through a directory; nothing is read yet. */
    static DirectoryPacker of(Path directory) throws UnreadableEntryException {
        DirectoryPacker packer = new DirectoryPacker(directory);
        try {
            packer.walk();
        } catch (UnreadableEntryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreadableEntryException(directory, e);
        }
        return packer;
    }

    /** Equal as long as no file has come, gone, or changed its size or time. */
    String fingerprint() {
        MessageDigest all = BlobDigest.sha256();
        files.forEach((name, found) -> {
            BasicFileAttributes attributes = found.attributes();
            String line = name
                    + '\0'
                    + (attributes.isDirectory() ? "" : attributes.size() + "\0" + attributes.lastModifiedTime())
                    + '\n';
            all.update(line.getBytes(StandardCharsets.UTF_8));
        });
        return HexFormat.of().formatHex(all.digest());
    }

    private void walk() throws IOException {
        Files.walkFileTree(
                directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
                            throws IOException {
                        if (!visited.equals(directory)) {
                            add(nameOf(visited) + "/", new Found(visited, attributes));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes) throws IOException {
                        // Not sockets and pipes, and not links that lead nowhere: no class can be in them.
                        if (attributes.isRegularFile() && !isSignature(nameOf(visited))) {
                            add(nameOf(visited), new Found(visited, attributes));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path visited, IOException e) throws IOException {
                        if (e instanceof FileSystemLoopException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }
                });
    }

    /** Of a signed jar that was unpacked here: nothing in a directory, but in a jar they would forbid what else is in it. */
    private static boolean isSignature(String name) {
        return SIGNATURES.matcher(name).matches();
    }

    private void add(String name, Found found) throws UnreadableEntryException {
        files.put(name, found);
        totalBytes += found.sizeBytes();
        if (files.size() > MAX_FILES || totalBytes > MAX_BYTES) {
            throw new UnreadableEntryException(
                    directory,
                    "it holds more than " + MAX_FILES + " files or " + MAX_BYTES
                            + " bytes, so it hardly is a directory of classes; name the class path with builder().classPath(…)");
        }
    }

    private String nameOf(Path file) {
        return directory
                .relativize(file)
                .toString()
                .replace(file.getFileSystem().getSeparator(), "/");
    }

    /**
     * How many jars a larger directory is to be: fewer where there are many directories.
     *
     * @return a power of two, so that one directory more hardly ever has all packed anew
     */
    static int partsEach(int directories) {
        return Math.max(1, Integer.highestOneBit(Math.min(PARTS, ALL_PARTS / Math.max(1, directories))));
    }

    /**
     * The names of what goes into each jar, in their order; at least one jar.
     *
     * @param about how many jars there are to be if the directory is a larger one
     */
    List<List<String>> parts(int about) {
        long averageBytes = totalBytes < WHOLE_BYTES
                ? Long.MAX_VALUE
                : Math.max(SMALLEST_PART_BYTES, Long.highestOneBit(totalBytes / about));
        List<List<String>> parts = new ArrayList<>();
        cut(List.copyOf(files.keySet()), averageBytes, parts);
        return parts.stream().map(DirectoryPacker::withParents).toList();
    }

    /**
     * Cuts a row of files in two, and each of these again, until they are small enough. Where to cut is a matter of chance that
     * the names decide, always in the same way: so an edit on one side of a cut moves no other.
     */
    private void cut(List<String> row, long averageBytes, List<List<String>> parts) {
        long rowBytes =
                row.stream().mapToLong(name -> files.get(name).sizeBytes()).sum();
        int cut = rowBytes / 2 < averageBytes ? -1 : whereToCut(row);
        if (cut < 0) {
            parts.add(row);
        } else {
            cut(row.subList(0, cut + 1), averageBytes, parts);
            cut(row.subList(cut + 1, row.size()), averageBytes, parts);
        }
    }

    /** The file, but not the last one, after which to cut; -1 if there is one file only. */
    private static int whereToCut(List<String> row) {
        int lowestAt = -1;
        long lowest = Long.MAX_VALUE;
        int last = row.size() - 1;
        while (last >= 0 && row.get(last).endsWith("/")) {
            last--;
        }
        for (int i = 0; i < last; i++) {
            String name = row.get(i);
            CRC32 crc = new CRC32();
            crc.update(name.getBytes(StandardCharsets.UTF_8));
            if (!name.endsWith("/") && crc.getValue() < lowest) {
                lowest = crc.getValue();
                lowestAt = i;
            }
        }
        return lowestAt;
    }

    /** Each jar has the directories that its files are in. */
    private static List<String> withParents(List<String> row) {
        SortedSet<String> all = new TreeSet<>(row);
        for (String name : row) {
            for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                all.add(name.substring(0, slash + 1));
            }
        }
        return List.copyOf(all);
    }

    /**
     * Writes a jar.
     *
     * @param part one of {@link #parts}
     * @return its digest
     * @throws UnreadableEntryException if a file in the directory cannot be read
     * @throws IOException if the jar cannot be written
     */
    BlobDigest packTo(Path jar, List<String> part) throws IOException {
        MessageDigest sha256 = BlobDigest.sha256();
        try (OutputStream out = Files.newOutputStream(jar);
                DigestOutputStream digesting =
                        new DigestOutputStream(new BufferedOutputStream(out, BUFFER_BYTES), sha256);
                ZipOutputStream zip = new ZipOutputStream(digesting, StandardCharsets.UTF_8)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (String name : part) {
                add(zip, name, files.get(name).file());
            }
        }
        return BlobDigest.of(sha256.digest(), Files.size(jar));
    }

    private void add(ZipOutputStream zip, String name, Path file) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(FIXED_TIME);
        // A stored entry says its size and checksum first, so files are read twice, the second time from memory mostly.
        CRC32 crc = new CRC32();
        long sizeBytes = name.endsWith("/") ? 0 : copy(file, (buffer, length) -> crc.update(buffer, 0, length));
        entry.setSize(sizeBytes);
        entry.setCompressedSize(sizeBytes);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        if (sizeBytes > 0) {
            CRC32 crcAgain = new CRC32();
            long sizeAgain = copy(file, (buffer, length) -> {
                crcAgain.update(buffer, 0, length);
                zip.write(buffer, 0, length);
            });
            if (sizeAgain != sizeBytes || crcAgain.getValue() != crc.getValue()) {
                throw new UnreadableEntryException(directory, file + " was changed while it was packed");
            }
        }
        zip.closeEntry();
    }

    private interface Sink {
        void take(byte[] buffer, int length) throws IOException;
    }

    private long copy(Path file, Sink sink) throws IOException {
        long sizeBytes = 0;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = open(file)) {
            for (int read = read(in, buffer); read >= 0; read = read(in, buffer)) {
                sink.take(buffer, read);
                sizeBytes += read;
            }
        }
        return sizeBytes;
    }

    private InputStream open(Path file) throws UnreadableEntryException {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UnreadableEntryException(directory, e);
        }
    }

    private int read(InputStream in, byte[] buffer) throws UnreadableEntryException {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new UnreadableEntryException(directory, e);
        }
    }

    /** Of the first class in the directory; 0 if there is none. */
    int classFileMajorVersion() throws IOException {
        for (Map.Entry<String, Found> file : files.entrySet()) {
            if (JarFacts.isOrdinaryClass(file.getKey())) {
                try (InputStream in = open(file.getValue().file())) {
                    return JarFacts.majorVersion(in);
                }
            }
        }
        return 0;
    }
}
