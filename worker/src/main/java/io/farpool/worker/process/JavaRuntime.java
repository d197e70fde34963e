package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JDK or JRE on this host.
 *
 * @param java its launcher
 * @param feature its feature release, such as 17
 */
record JavaRuntime(Path java, int feature) {
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"?(\\d+)");
    /** A release file is read once; a host has a handful of JDKs. */
    private static final Map<Path, JavaRuntime> KNOWN = new ConcurrentHashMap<>();

    private static final int MOST_KNOWN = 64;

    /** Where it is. */
    Path home() {
        return Objects.requireNonNull(Objects.requireNonNull(java.getParent()).getParent());
    }

    /** The one this very JVM runs on. */
    static JavaRuntime own() {
        return new JavaRuntime(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Runtime.version().feature());
    }

    /**
     * The one in a directory.
     *
     * @throws IOException when there is none
     */
    static JavaRuntime at(Path home) throws IOException {
        JavaRuntime known = KNOWN.get(home);
        if (known == null) {
            known = look(home);
            if (KNOWN.size() < MOST_KNOWN) {
                KNOWN.put(home, known);
            }
        }
        return known;
    }

    private static JavaRuntime look(Path home) throws IOException {
        Path java = home.resolve("bin").resolve("java");
        if (!Files.isExecutable(java)) {
            throw new IOException("the Java home " + home + " has no bin/java on this host");
        }
        Path release = home.resolve("release");
        if (Files.isReadable(release)) {
            Matcher version = VERSION.matcher(Files.readString(release));
            if (version.find()) {
                return new JavaRuntime(java, Integer.parseInt(version.group(1)));
            }
        }
        // Without a release file nothing newer than the contract's minimum is assumed.
        return new JavaRuntime(java, 17);
    }
}
