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
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A class directory as a jar. The same files make the same bytes, whatever their times and wherever they are, so a cluster
 * that has them is not sent them again: names are sorted, times fixed, and nothing is compressed.
 */
final class DirectoryPacker {
    /** Past these a directory is taken for something else than classes: a home directory that is on the class path as ".". */
    static final int MAX_FILES = 100_000;

    static final long MAX_BYTES = 4L << 30;

    /** Not the first of 1980: that one is stored with an extra field in local time. */
    private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 2, 1, 0, 0, 0);

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path directory;
    /** By their names in the jar; directories' end in a slash. */
    private final TreeMap<String, Path> files = new TreeMap<>();

    private long totalBytes;

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
    String fingerprint() throws UnreadableEntryException {
        MessageDigest all = BlobDigest.sha256();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            BasicFileAttributes attributes = attributes(file.getValue());
            String line = file.getKey()
                    + '\0'
                    + (attributes.isDirectory() ? "" : attributes.size() + "\0" + attributes.lastModifiedTime())
                    + '\n';
            all.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(all.digest());
    }

    private BasicFileAttributes attributes(Path file) throws UnreadableEntryException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            throw new UnreadableEntryException(directory, e);
        }
    }

    private void walk() throws IOException {
        Files.walkFileTree(
                directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
                            throws IOException {
                        if (!visited.equals(directory)) {
                            add(nameOf(visited) + "/", visited, 0);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes) throws IOException {
                        // Not sockets and pipes, and not links that lead nowhere: no class can be in them.
                        if (attributes.isRegularFile()) {
                            add(nameOf(visited), visited, attributes.size());
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

    private void add(String name, Path file, long sizeBytes) throws UnreadableEntryException {
        files.put(name, file);
        totalBytes += sizeBytes;
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
     * Writes the jar.
     *
     * @return its digest
     * @throws UnreadableEntryException if a file in the directory cannot be read
     * @throws IOException if the jar cannot be written
     */
    BlobDigest packTo(Path jar) throws IOException {
        MessageDigest sha256 = BlobDigest.sha256();
        try (OutputStream out = Files.newOutputStream(jar);
                DigestOutputStream digesting =
                        new DigestOutputStream(new BufferedOutputStream(out, BUFFER_BYTES), sha256);
                ZipOutputStream zip = new ZipOutputStream(digesting, StandardCharsets.UTF_8)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                add(zip, file.getKey(), file.getValue());
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
        for (Map.Entry<String, Path> file : files.entrySet()) {
            if (JarFacts.isOrdinaryClass(file.getKey())) {
                try (InputStream in = open(file.getValue())) {
                    return JarFacts.majorVersion(in);
                }
            }
        }
        return 0;
    }
}
