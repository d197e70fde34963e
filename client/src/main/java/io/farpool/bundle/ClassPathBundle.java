package io.farpool.bundle;

import io.farpool.proto.v1.Bundle;
import io.farpool.proto.v1.BundleEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A class path as an ordered list of jars and class directories, resources and all; never the JDK's own. Entries that do not
 * exist are left out, as java does, and of equal ones the first is kept.
 *
 * <p>Immutable and thread-safe.
 */
public final class ClassPathBundle {
    private final List<Path> entries;

    private ClassPathBundle(Collection<Path> paths) {
        Path javaHome = Path.of(System.getProperty("java.home"));
        Set<Path> kept = new LinkedHashSet<>();
        for (Path path : paths) {
            for (Path entry : ClassPathText.expanded(path.toAbsolutePath())) {
                if (!entry.startsWith(javaHome) && Files.exists(entry)) {
                    kept.add(withoutSteps(entry));
                }
            }
        }
        this.entries = List.copyOf(kept);
    }

    /** Links stay as they are, for the names they have, unless a step up may lead out of one. */
    private static Path withoutSteps(Path entry) {
        if (entry.equals(entry.normalize())) {
            return entry;
        }
        try {
            return entry.toRealPath();
        } catch (IOException e) {
            return entry;
        }
    }

    /**
     * What this program runs on: {@code java.class.path} and the module path, and before them the URLs of the class loaders
     * that the calling thread's context and Farpool itself come from, when those are not java's own (a Maven plugin's, a
     * servlet container's).
     *
     * @throws IllegalStateException if the program's classes are where they cannot be listed, or in jars inside its jar that cannot be
     *     unpacked
     */
    public static ClassPathBundle ofThisJvm() {
        return ofLoaders(Thread.currentThread().getContextClassLoader(), ClassPathBundle.class.getClassLoader());
    }

    static ClassPathBundle ofLoaders(ClassLoader context, ClassLoader own) {
        return new ClassPathBundle(LoaderEntries.of(context, own));
    }

    /** These jars and directories, and nothing else. A last element {@code *} stands for all jars of a directory. */
    public static ClassPathBundle of(Collection<Path> paths) {
        return new ClassPathBundle(paths);
    }

    /** This one, followed by more jars and directories. */
    public ClassPathBundle plus(Collection<Path> additions) {
        List<Path> all = new ArrayList<>(entries);
        all.addAll(additions);
        return new ClassPathBundle(all);
    }

    /** The entries, absolute, in their order. Jars' manifests are not followed yet: java does that, and {@link #pack} does. */
    public List<Path> entries() {
        return entries;
    }

    /**
     * For processes on this machine: the entries where they are, without digests, Farpool's own first if that changes nothing.
     */
    public Bundle inPlace() {
        RuntimeEntries runtime = RuntimeEntries.inFront(entries, EntryCache.OF_THIS_JVM, false);
        Bundle.Builder bundle = Bundle.newBuilder().setRuntimeEntries(runtime.count());
        for (Path entry : runtime.classPath()) {
            bundle.addEntries(BundleEntry.newBuilder().setName(entry.toString()));
        }
        return bundle.build();
    }

    /**
     * For processes elsewhere: follows the manifests, packs directories as jars, and computes all digests. What has not
     * changed since this JVM last did so is not done again.
     *
     * @return to be closed when nobody can need its files any more
     * @throws UnreadableEntryException if an entry cannot be read; the message names it
     * @throws IOException if directories cannot be packed, for lack of disk space, say
     */
    public PackedBundle pack() throws IOException {
        return PackedBundle.of(entries, EntryCache.OF_THIS_JVM);
    }

    /** The newest class files that this JVM can load (61: Java 17): what processes on this very JDK can be said to need. */
    public static int classFileMajorVersionOfThisJvm() {
        return Runtime.version().feature() + 44;
    }
}
