package io.farpool.bundle;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any {@link URLClassLoader}: Maven's class realms, Surefire's isolated loader, servlet containers', JShell's, Spring Boot's
 * with its jars inside a jar, and so on.
 */
final class UrlLoader implements LoaderEntries.Kind {
    private static final Logger log = LoggerFactory.getLogger(UrlLoader.class);

    @Override
    public LoaderEntries.@Nullable Found entriesOf(ClassLoader loader) {
        if (!(loader instanceof URLClassLoader urlLoader)) {
            return null;
        }
        List<Path> entries = new ArrayList<>();
        Map<Path, Set<String>> nestedNames = new LinkedHashMap<>();
        for (URL url : urlLoader.getURLs()) {
            NestedEntries.Location nested = NestedEntries.Location.of(url);
            Path entry = nested == null ? pathOf(url) : unpacked(nested);
            if (nested != null) {
                nestedNames
                        .computeIfAbsent(nested.jar(), jar -> new LinkedHashSet<>())
                        .add(nested.name());
            }
            if (entry != null) {
                entries.add(entry);
            }
        }
        return new LoaderEntries.Found(entries, onlyLaunchers(nestedNames));
    }

    private static Set<Path> onlyLaunchers(Map<Path, Set<String>> nestedNames) {
        Set<Path> onlyLaunchers = new LinkedHashSet<>();
        nestedNames.forEach((jar, names) -> {
            try {
                if (NestedEntries.holdsOnlyLauncherBesides(jar, names)) {
                    onlyLaunchers.add(jar);
                }
            } catch (UnreadableEntryException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
        return onlyLaunchers;
    }

    private static @Nullable Path unpacked(NestedEntries.Location nested) {
        try {
            return NestedEntries.OF_THIS_JVM.unpack(nested);
        } catch (UnreadableEntryException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the class path's entry " + nested.name() + " of " + nested.jar()
                            + " cannot be unpacked into a temporary file: " + e,
                    e);
        }
    }

    private static @Nullable Path pathOf(URL url) {
        Path plain = FileUrls.pathOf(url);
        if (plain != null) {
            return plain;
        }
        String text = url.toString();
        if (text.startsWith("jar:file:") && text.endsWith("!/")) {
            return FileUrls.pathOf(text.substring("jar:".length(), text.length() - 2));
        }
        log.warn("Not a file, so it is not shipped with the class path url={}", url);
        return null;
    }
}
