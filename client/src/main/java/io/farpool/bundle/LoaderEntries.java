package io.farpool.bundle;

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
        List<Path> entriesOf(ClassLoader loader);
    }

    /** All kinds there are. A new kind of packaging (nested jars, JShell) is one more line here. */
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
        for (ClassLoader loader : chains(context, own)) {
            List<Path> found = entriesOf(loader);
            if (found != null) {
                (ApplicationLoader.is(loader) ? applicationEntries : entries).addAll(found);
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
        entries.addAll(applicationEntries);
        return entries;
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

    private static @Nullable List<Path> entriesOf(ClassLoader loader) {
        for (Kind kind : KINDS) {
            List<Path> entries = kind.entriesOf(loader);
            if (entries != null) {
                return entries;
            }
        }
        return null;
    }
}
