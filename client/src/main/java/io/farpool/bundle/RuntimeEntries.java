package io.farpool.bundle;

import com.google.protobuf.Message;
import io.farpool.codec.Codec;
import io.farpool.proto.v1.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class path with the jars that a worker process needs of Farpool itself in front. An archive of class data is good for
 * processes whose class path begins with the entries it was made for, so with these in front one archive serves all programs.
 *
 * <p>They are put there only if nothing can come of it but speed: what is moved holds nothing of the program's, and nothing
 * that it passes holds classes of the same packages. An uber-jar stays where it is, and counts if it is the first. Every pool
 * waits for this, so jars under the names that their projects publish are taken for what they are, and others are looked into.
 *
 * @param classPath the entries in their new order, or as they were
 * @param count how many of the first are Farpool's own; 0: they could not be told, or not be put in front
 */
record RuntimeEntries(List<Path> classPath, int count) {
    private static final Logger log = LoggerFactory.getLogger(RuntimeEntries.class);

    /** One of each jar that the classes come from. */
    private static final List<Class<?>> ANCHORS =
            List.of(ClassPathBundle.class, Bundle.class, Message.class, Codec.library());

    /**
     * @param directories whether these may be in front too, because they are packed as jars
     */
    static RuntimeEntries inFront(List<Path> classPath, EntryCache cache, boolean directories) {
        return inFront(classPath, sources(), cache, directories);
    }

    static RuntimeEntries inFront(List<Path> classPath, Set<Path> sources, EntryCache cache, boolean directories) {
        RuntimeEntries unchanged = new RuntimeEntries(classPath, 0);
        if (sources.isEmpty() || (!directories && sources.stream().anyMatch(Files::isDirectory))) {
            return unchanged;
        }
        try {
            List<Path> all = classPath;
            TreeMap<Integer, Path> places = places(all, sources);
            if (places == null) {
                // Perhaps the manifests of an executable jar, or of one that stands for a long class path, name them.
                all = List.copyOf(PackedBundle.followed(classPath, cache));
                places = places(all, sources);
            }
            if (places == null) {
                return unchanged;
            }
            List<Path> first = List.copyOf(places.values());
            int count = first.size();
            if (classPath.size() >= count && classPath.subList(0, count).equals(first)) {
                return new RuntimeEntries(classPath, count);
            }
            Contents contents = new Contents(first, cache);
            if (!contents.areApart()) {
                return unchanged;
            }
            for (Path passed : all.subList(0, places.lastKey())) {
                if (!first.contains(passed) && contents.overlapWith(passed)) {
                    log.debug("event=class-path-kept entry={} reason=\"it has classes of Farpool's packages\"", passed);
                    return unchanged;
                }
            }
            Set<Path> ordered = new LinkedHashSet<>(first);
            ordered.addAll(classPath);
            return new RuntimeEntries(List.copyOf(ordered), count);
        } catch (IOException | RuntimeException e) {
            // Whatever is wrong with an entry is found, or does no harm, where it is used.
            log.debug("event=class-path-kept reason=\"{}\"", e.toString());
            return unchanged;
        }
    }

    /** Where on the class path the sources are; null unless all of them are. */
    private static @Nullable TreeMap<Integer, Path> places(List<Path> classPath, Set<Path> sources) throws IOException {
        TreeMap<Integer, Path> places = new TreeMap<>();
        for (Path source : sources) {
            int place = classPath.indexOf(source);
            // Class loaders may name files by their real paths.
            for (int i = 0; i < classPath.size() && place < 0; i++) {
                if (Files.exists(classPath.get(i)) && Files.isSameFile(classPath.get(i), source)) {
                    place = i;
                }
            }
            if (place < 0) {
                return null;
            }
            places.put(place, classPath.get(place));
        }
        return places;
    }

    private static Set<Path> sources() {
        Set<Path> sources = new LinkedHashSet<>();
        for (Class<?> anchor : ANCHORS) {
            CodeSource source = anchor.getProtectionDomain().getCodeSource();
            Path path = source == null || source.getLocation() == null ? null : FileUrls.pathOf(source.getLocation());
            if (path == null || !Files.exists(path)) {
                return Set.of();
            }
            sources.add(path);
        }
        return sources;
    }
}
