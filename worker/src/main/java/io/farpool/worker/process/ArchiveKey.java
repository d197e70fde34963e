package io.farpool.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an archive of class data is good for: one JDK, and these class path entries as they are now. A jar that has changed
 * makes another key.
 *
 * @param java the JDK
 * @param mainClass that rehearses
 * @param entries what the class path must begin with
 * @param compressedOops whether object pointers are compressed: archives differ
 * @param name a file name's worth of all that
 */
record ArchiveKey(JavaRuntime java, String mainClass, List<String> entries, boolean compressedOops, String name) {
    /** Far more than Farpool is made of. */
    private static final int MOST_ENTRIES = 64;

    /** From here on a JVM does without compressed object pointers. */
    private static final long WIDE_HEAP_BYTES = 32L << 30;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** Null if there can be no archive: entries that are not told apart, or are no files. */
    static @Nullable ArchiveKey of(
            JavaRuntime java, String mainClass, List<String> classPath, int runtimeEntries, long heapBytes) {
        if (runtimeEntries < 1 || runtimeEntries > Math.min(classPath.size(), MOST_ENTRIES)) {
            return null;
        }
        boolean compressedOops = heapBytes < WIDE_HEAP_BYTES;
        List<String> entries = List.copyOf(classPath.subList(0, runtimeEntries));
        StringBuilder text = new StringBuilder();
        try {
            text.append(java.java()).append('\n');
            text.append(stamp(java.home().resolve("release"))).append('\n');
            text.append(stamp(java.home().resolve("lib").resolve("modules"))).append('\n');
            text.append(mainClass).append('\n').append(compressedOops).append('\n');
            for (String entry : entries) {
                text.append(entry).append('\n').append(stamp(Path.of(entry))).append('\n');
            }
        } catch (IOException notAsExpected) {
            return null;
        }
        return new ArchiveKey(java, mainClass, entries, compressedOops, hash(text.toString()));
    }

    private static String stamp(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException(file + " is no file");
        }
        return attributes.size() + " " + attributes.lastModifiedTime().toMillis();
    }

    /** FNV-1a, without loading what digests need: two keys with one name would cost an archive, since the JVM checks the jars. */
    private static String hash(String text) {
        long hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return HexFormat.of().toHexDigits(hash);
    }
}
