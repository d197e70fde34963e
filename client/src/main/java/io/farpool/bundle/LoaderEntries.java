package io.farpool.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The class path of a program that may run in class loaders of its own: each loader's entries before those of its parents,
 * java's own application class path last. So a program's jars win over those of the tool that launched it.
 */
final class LoaderEntries {
    private static final Logger log = LoggerFactory.getLogger(LoaderEntries.class);

    /** Knows where one kind of class loader has its classes from. */
    interface Kind {
        /** What the loader itself adds to its parents; null if it is of another kind. */
        @Nullable
        Found entriesOf(ClassLoader loader);
    }

    /**
     * What a class loader adds.
     *
     * @param entries jars and directories
     * @param launcherJars jars that some of these were inside of, and that hold nothing else but a launcher: not needed on java's own
     *     class path
     */
    record Found(List<Path> entries, Set<Path> launcherJars) {
        Found(List<Path> entries) {
            this(entries, Set.of());
        }
    }

    /** All kinds there are. */
    private static final List<Kind> KINDS = List.of(new ApplicationLoader(), new UrlLoader());

    private LoaderEntries() {}

    /**
     * @param context the calling thread's context class loader: the program's own, where there is such a thing
     * @param own what loaded Farpool; its classes must be on the class path, or no worker process could start
     * @throws IllegalStateException if the classes of one that matters cannot be listed
     */
    static List<Path> of(@Nullable ClassLoader context, ClassLoader own) {
        List<Path> entries = new ArrayList<>();
        List<Path> applicationEntries = new ArrayList<>();
        Set<Path> launcherJars = new LinkedHashSet<>();
        for (ClassLoader loader : chains(context, own)) {
            Found found = entriesOf(loader);
            if (found != null) {
                (ApplicationLoader.is(loader) ? applicationEntries : entries).addAll(found.entries());
                launcherJars.addAll(found.launcherJars());
            } else if (loader == own) {
                throw new IllegalStateException(
                        "Farpool was loaded by a " + loader.getClass().getName()
                                + ", whose classes cannot be listed; name the class path with builder().classPath(…)");
            } else {
                log.warn(
                        "Classes that only this class loader can find are not shipped; name them with"
                                + " builder().addToClassPath(…) loader={}",
                        loader.getClass().getName());
            }
        }
        for (Path entry : applicationEntries) {
            if (launcherJars.stream().noneMatch(launcher -> isSameFile(launcher, entry))) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static boolean isSameFile(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    private static Set<ClassLoader> chains(@Nullable ClassLoader context, ClassLoader own) {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        for (ClassLoader loader = context; isUsers(loader); loader = loader.getParent()) {
            loaders.add(loader);
        }
        for (ClassLoader loader = own; isUsers(loader); loader = loader.getParent()) {
            loaders.add(loader);
        }
        return loaders;
    }

    private static boolean isUsers(@Nullable ClassLoader loader) {
        return loader != null && loader != ClassLoader.getPlatformClassLoader();
    }

    private static @Nullable Found entriesOf(ClassLoader loader) {
        for (Kind kind : KINDS) {
            Found found = kind.entriesOf(loader);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
