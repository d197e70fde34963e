package io.farpool.bundle;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Java's own application class loader: {@code java.class.path}, then {@code jdk.module.path}. In a worker process modules are
 * on the class path; services that only a module descriptor declares are not found there.
 */
final class ApplicationLoader implements LoaderEntries.Kind {

    static boolean is(ClassLoader loader) {
        return "app".equals(loader.getName()) && loader.getClass().getModule() == Object.class.getModule();
    }

    @Override
    public LoaderEntries.@Nullable Found entriesOf(ClassLoader loader) {
        return is(loader)
                ? new LoaderEntries.Found(entries(
                        System.getProperty("java.class.path", ""),
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("jdk.module.main") != null))
                : null;
    }

    static List<Path> entries(String classPath, String modulePath, boolean mainIsInModule) {
        List<Path> entries = new ArrayList<>();
        // An empty class path is the current directory, unless the main class is in a module.
        if (!classPath.isEmpty() || !mainIsInModule) {
            entries.addAll(ClassPathText.elements(classPath));
        }
        if (!modulePath.isEmpty()) {
            for (String element : modulePath.split(Pattern.quote(File.pathSeparator), -1)) {
                Path path = Path.of(element).toAbsolutePath();
                boolean holdsModules = Files.isDirectory(path) && !Files.exists(path.resolve("module-info.class"));
                entries.addAll(holdsModules ? ClassPathText.jarsIn(path) : List.of(path));
            }
        }
        return entries;
    }
}
