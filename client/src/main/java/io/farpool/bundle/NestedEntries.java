package io.farpool.bundle;

import io.farpool.temporary.TemporaryDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Jars and class directories inside a jar, as Spring Boot packs a program: {@code BOOT-INF/lib/x.jar}, {@code
 * BOOT-INF/classes/}. Only that program's own launcher can read them there, and a worker process is started by java alone, so
 * they are unpacked into temporary files, once for all pools of this JVM, which stay until it exits.
 *
 * <p>Thread-safe.
 */
final class NestedEntries {
    /** Shared by all pools of this JVM. */
    static final NestedEntries OF_THIS_JVM = new NestedEntries();

    /** Of Spring Boot, which makes the class loaders that have these URLs. */
    private static final String LAUNCHER = "org/springframework/boot/loader/";

    /**
     * Where something inside a jar is.
     *
     * @param jar the outer jar
     * @param name of a jar in it, or of a directory
     */
    record Location(Path jar, String name) {

        /**
         * What a class loader's URL names: {@code jar:nested:/app.jar/!BOOT-INF/lib/x.jar!/}, or {@code
         * jar:file:/app.jar!/BOOT-INF/lib/x.jar!/} of Spring Boot before 3.2.
         *
         * @return null if it names nothing inside a jar
         * @throws IllegalStateException if it is more than one jar deep
         */
        static @Nullable Location of(URL url) {
            String text = url.toString();
            String inner = text.startsWith("jar:") ? text.substring("jar:".length()) : text;
            if (!text.startsWith("jar:") && !text.startsWith("nested:")) {
                return null; // in a file's name, "!/" is part of it
            }
            inner = inner.endsWith("!/") ? inner.substring(0, inner.length() - 2) : inner;
            boolean nested = inner.startsWith("nested:");
            String mark = nested ? "/!" : "!/";
            int cut = inner.indexOf(mark);
            if (cut < 0) {
                return null;
            }
            Path jar = FileUrls.pathOf(
                    nested ? "file:" + inner.substring("nested:".length(), cut) : inner.substring(0, cut));
            String name = FileUrls.unescaped(inner.substring(cut + mark.length()));
            if (jar == null || name.contains("!/")) {
                throw new IllegalStateException(
                        "the class path's entry " + text + " is not directly inside a jar file, so"
                                + " it cannot be shipped; name the class path with builder().classPath(…)");
            }
            return name.isEmpty() ? null : new Location(jar, name);
        }
    }

    private record Key(Location location, long sizeBytes, FileTime modified) {
        static Key of(Location location) throws UnreadableEntryException {
            try {
                BasicFileAttributes attributes = Files.readAttributes(location.jar(), BasicFileAttributes.class);
                return new Key(location, attributes.size(), attributes.lastModifiedTime());
            } catch (IOException e) {
                throw new UnreadableEntryException(location.jar(), e);
            }
        }
    }

    /** What has been unpacked, as many as this program's class paths have had entries; guarded by this. */
    private final Map<Key, Path> unpacked = new LinkedHashMap<>();

    private @Nullable TemporaryDirectory temporaryDirectory;
    private long count;

    /**
     * A file or directory with the same content.
     *
     * @return null if the jar holds nothing of that name
     * @throws UnreadableEntryException if the jar cannot be read, or holds names that lead out of a directory
     * @throws IOException if the content cannot be written
     */
    synchronized @Nullable Path unpack(Location location) throws IOException {
        Key key = Key.of(location);
        Path known = unpacked.get(key);
        if (known != null && Files.exists(known)) {
            return known;
        }
        Path fresh;
        long countBefore = count;
        try (ZipFile zip = open(location.jar())) {
            fresh = unpack(zip, location);
        } catch (IOException | RuntimeException e) {
            removeAllAfter(countBefore);
            throw e;
        }
        if (fresh != null) {
            unpacked.put(key, fresh);
        }
        return fresh;
    }

    /** What was unpacked of something that failed then: the next try begins anew, under the same name. */
    private void removeAllAfter(long countBefore) {
        if (temporaryDirectory != null && count > countBefore) {
            Path left = temporaryDirectory.path().resolve(Long.toString(count));
            TemporaryDirectory.remove(left);
            if (!Files.exists(left)) {
                count = countBefore;
            }
        }
    }

    /**
     * Whether nobody needs a jar itself, given what is in it.
     *
     * @param names of the jars and directories in it that are unpacked
     * @return false if it holds classes of its own besides, other than Spring Boot's launcher
     */
    static boolean holdsOnlyLauncherBesides(Path jar, Set<String> names) throws UnreadableEntryException {
        try (ZipFile zip = open(jar)) {
            return zip.stream()
                    .map(ZipEntry::getName)
                    .filter(JarFacts::isOrdinaryClass)
                    .allMatch(name -> name.startsWith(LAUNCHER)
                            || names.stream()
                                    .anyMatch(nested -> name.startsWith(nested.endsWith("/") ? nested : nested + "/")));
        } catch (UnreadableEntryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreadableEntryException(jar, e);
        }
    }

    /** Where it is all unpacked; null if nothing has been. */
    synchronized @Nullable Path directory() {
        return temporaryDirectory == null ? null : temporaryDirectory.path();
    }

    private static ZipFile open(Path jar) throws UnreadableEntryException {
        try {
            return new ZipFile(jar.toFile());
        } catch (IOException e) {
            throw new UnreadableEntryException(jar, e);
        }
    }

    private @Nullable Path unpack(ZipFile zip, Location location) throws IOException {
        String name = location.name();
        ZipEntry entry = zip.getEntry(name); // finds a directory too, without its slash
        if (entry != null && !entry.isDirectory()) {
            Path file = newDirectory().resolve(name.substring(name.lastIndexOf('/') + 1));
            copy(zip, entry, file, location);
            return file;
        }
        String prefix = name.endsWith("/") ? name : name + "/";
        Path directory = null;
        for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
            ZipEntry part = entries.nextElement();
            String partName = part.getName();
            if (!partName.startsWith(prefix) || partName.equals(prefix)) {
                continue;
            }
            if (directory == null) {
                directory = subdirectory(newDirectory(), "classes");
            }
            Path target = directory.resolve(partName.substring(prefix.length())).normalize();
            if (!target.startsWith(directory) || target.equals(directory)) {
                throw new UnreadableEntryException(
                        location.jar(), "it holds an entry named '" + partName + "', which leads out of its directory");
            }
            if (part.isDirectory()) {
                makeDirectories(directory, target);
            } else if (!Files.exists(target)) { // some tools write a name twice
                makeDirectories(directory, target.getParent());
                copy(zip, part, target, location);
            }
        }
        return directory;
    }

    private static void copy(ZipFile zip, ZipEntry entry, Path file, Location location) throws IOException {
        file.toFile().deleteOnExit();
        try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, file);
        } catch (ZipException e) {
            throw new UnreadableEntryException(location.jar(), e);
        }
    }

    private static void makeDirectories(Path root, Path directory) throws IOException {
        Path made = root;
        for (Path step : root.relativize(directory)) {
            made = made.resolve(step);
            if (!step.toString().isEmpty() && !Files.isDirectory(made)) {
                Files.createDirectory(made);
                // Registered before what is in it, as the order of deletion is the reverse.
                made.toFile().deleteOnExit();
            }
        }
    }

    private Path newDirectory() throws IOException {
        if (temporaryDirectory == null || !Files.isDirectory(temporaryDirectory.path())) {
            temporaryDirectory = TemporaryDirectory.create(TemporaryDirectory.Kind.BUNDLE);
            temporaryDirectory.deleteOnExit();
        }
        return subdirectory(temporaryDirectory.path(), Long.toString(++count));
    }

    private static Path subdirectory(Path parent, String name) throws IOException {
        Path directory = Files.createDirectory(parent.resolve(name));
        directory.toFile().deleteOnExit();
        return directory;
    }
}
