package io.farpool.bundle;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.StringTokenizer;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a jar to ship it.
 *
 * @param manifestClassPath the entries its manifest names, which come right after it
 * @param holdsOnlyManifest there is nothing else in it: a jar made to carry a class path too long for a command line. It
 *     is not shipped, as the paths in it mean nothing elsewhere.
 * @param classFileMajorVersion of its first class; 0 if it has none
 */
record JarFacts(List<Path> manifestClassPath, boolean holdsOnlyManifest, int classFileMajorVersion) {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final int CLASS_FILE_MAGIC = 0xCAFEBABE;

    /** Whether java would take the file for a jar at all. Others (a .pom, a .so) may stand in a class path and do nothing. */
    static boolean isJar(Path file) throws UnreadableEntryException {
        String name = file.toString();
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(2);
        } catch (IOException e) {
            throw new UnreadableEntryException(file, e);
        }
        return name.endsWith(".jar") || new String(start, StandardCharsets.ISO_8859_1).equals("PK");
    }

    static JarFacts of(Path jar) throws UnreadableEntryException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<Path> classPath = List.of();
            ZipEntry manifest = zip.getEntry(MANIFEST);
            if (manifest != null) {
                try (InputStream in = zip.getInputStream(manifest)) {
                    String value = new Manifest(in).getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                    classPath = value == null ? List.of() : resolved(jar.toRealPath(), value);
                }
            }
            boolean holdsOnlyManifest = manifest != null && holdsOnlyManifest(zip);
            return new JarFacts(classPath, holdsOnlyManifest && !classPath.isEmpty(), majorVersionOfFirstClass(zip));
        } catch (IOException e) {
            throw new UnreadableEntryException(jar, e);
        }
    }

    private static boolean holdsOnlyManifest(ZipFile zip) {
        return zip.stream()
                .allMatch(entry -> entry.isDirectory() || entry.getName().equals(MANIFEST));
    }

    /** As java's own class loader does: URLs relative to the jar's, a directory only if it ends in a slash. */
    static List<Path> resolved(Path jar, String classPath) {
        List<Path> paths = new ArrayList<>();
        StringTokenizer elements = new StringTokenizer(classPath);
        while (elements.hasMoreTokens()) {
            String element = elements.nextToken();
            Path path = resolvedOne(jar, element);
            if (path != null && Files.isDirectory(path) == element.endsWith("/")) {
                paths.add(path);
            }
        }
        return List.copyOf(paths);
    }

    private static @Nullable Path resolvedOne(Path jar, String element) {
        try {
            return FileUrls.pathOf(new URL(jar.toUri().toURL(), element));
        } catch (MalformedURLException e) {
            return null;
        }
    }

    private static int majorVersionOfFirstClass(ZipFile zip) throws IOException {
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            if (isOrdinaryClass(entry.getName())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    return majorVersion(in);
                }
            }
        }
        return 0;
    }

    /** Not a variant for other versions of java, and not a descriptor. */
    static boolean isOrdinaryClass(String name) {
        return name.endsWith(".class") && !name.startsWith("META-INF/") && !name.endsWith("module-info.class");
    }

    /** Of a class file; 0 if it is none. */
    static int majorVersion(InputStream classFile) throws IOException {
        byte[] start = classFile.readNBytes(8);
        if (start.length < 8) {
            return 0;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(start))) {
            boolean isClassFile = in.readInt() == CLASS_FILE_MAGIC;
            in.readUnsignedShort();
            return isClassFile ? in.readUnsignedShort() : 0;
        }
    }
}
