package io.farpool.bundle;

import com.google.protobuf.Message;
import io.farpool.codec.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in the entries that hold Farpool's runtime: whether that is all that is in them, and whether others have something
 * of it too. Files are opened when that is asked, and only those whose name does not tell. Not thread-safe.
 */
final class Contents {
    private static final Logger log = LoggerFactory.getLogger(Contents.class);

    /** Their jars hold nothing else. */
    private static final Pattern PUBLISHED =
            Pattern.compile("(farpool-(client|proto)|protobuf-java|kryo5)-\\d[^/]*\\.jar");

    /** Their jars have packages of their own beneath the same roots. */
    private static final Pattern PUBLISHED_NEIGHBOUR =
            Pattern.compile("(farpool-(coordinator|worker)|protobuf-java-util)-\\d[^/]*\\.jar");

    /** Directories that all classes of the runtime are beneath, relocated or not. */
    private static final Set<String> ROOTS = Set.of(
            directory(parent(ClassPathBundle.class.getPackageName())),
            directory(Message.class.getPackageName()),
            directory(Codec.library().getPackageName()));

    private final List<Path> entries;
    private final EntryCache cache;
    private @Nullable Set<String> packages;

    Contents(List<Path> entries, EntryCache cache) {
        this.entries = entries;
        this.cache = cache;
    }

    private static String parent(String packageName) {
        return packageName.substring(0, packageName.lastIndexOf('.'));
    }

    private static String directory(String packageName) {
        return packageName.replace('.', '/');
    }

    /** Whether there is nothing in the entries that could be missed, or found too early, when they come first. */
    boolean areApart() throws IOException {
        for (Path entry : entries) {
            if (!isNamed(PUBLISHED, entry) && !isApart(entry)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNamed(Pattern published, Path entry) {
        return published.matcher(entry.getFileName().toString()).matches();
    }

    private boolean isApart(Path entry) throws IOException {
        if (!Files.isDirectory(entry) && !cache.facts(entry).manifestClassPath().isEmpty()) {
            return false; // that would come along
        }
        for (String name : EntryNames.of(entry)) {
            if (!isRuntimes(name) && !isHarmless(name)) {
                log.debug("event=class-path-kept entry={} reason=\"it also holds {}\"", entry, name);
                return false;
            }
        }
        return true;
    }

    private static boolean isRuntimes(String name) {
        return ROOTS.stream().anyMatch(root -> name.startsWith(root) && name.startsWith("/", root.length()));
    }

    /** What nobody looks for by a name that it could share with something of the program's. */
    private static boolean isHarmless(String name) {
        return name.endsWith(".proto")
                || name.equals("module-info.class")
                || (name.startsWith("META-INF/") && !name.startsWith("META-INF/services/"));
    }

    /** Whether another entry has files in the packages of these. */
    boolean overlapWith(Path other) throws IOException {
        if (isNamed(PUBLISHED_NEIGHBOUR, other) || !EntryNames.haveDirectory(other, ROOTS)) {
            return false;
        }
        Set<String> own = packages();
        return EntryNames.of(other).stream().anyMatch(name -> own.contains(packageOf(name)));
    }

    private Set<String> packages() throws IOException {
        if (packages == null) {
            packages = new LinkedHashSet<>();
            for (Path entry : entries) {
                for (String name : EntryNames.of(entry)) {
                    if (isRuntimes(name)) {
                        packages.add(packageOf(name));
                    }
                }
            }
        }
        return packages;
    }

    private static String packageOf(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }
}
