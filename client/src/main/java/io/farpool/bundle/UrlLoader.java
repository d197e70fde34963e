package io.farpool.bundle;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Any {@link URLClassLoader}: Maven's class realms, Surefire's isolated loader, servlet containers', and so on. */
final class UrlLoader implements LoaderEntries.Kind {
    private static final Logger log = LoggerFactory.getLogger(UrlLoader.class);

    @Override
    public @Nullable List<Path> entriesOf(ClassLoader loader) {
        if (!(loader instanceof URLClassLoader urlLoader)) {
            return null;
        }
        List<Path> entries = new ArrayList<>();
        for (URL url : urlLoader.getURLs()) {
            Path entry = pathOf(url);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static @Nullable Path pathOf(URL url) {
        Path plain = FileUrls.pathOf(url);
        if (plain != null) {
            return plain;
        }
        String text = url.toString();
        if (text.startsWith("jar:file:") && text.indexOf("!/") == text.length() - 2) {
            return FileUrls.pathOf(text.substring("jar:".length(), text.length() - 2));
        }
        if (text.startsWith("nested:") || text.contains("!/") || text.contains("/!")) {
            throw new IllegalStateException("this program's classes are in jars inside a jar (" + text
                    + "), which cannot be shipped yet. Unpack it first (Spring Boot: java -Djarmode=tools -jar app.jar"
                    + " extract) and run what was unpacked, or name the class path with builder().classPath(…)");
        }
        log.warn("Not a file, so it is not shipped with the class path url={}", url);
        return null;
    }
}
