package io.farpool.contract;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JDK of this machine, where Debian and most others keep them.
 *
 * @param directory its home
 * @param feature its feature release, such as 17
 */
public record Jdk(String directory, int feature) implements Serializable {
    private static final Path PLACE = Path.of("/usr/lib/jvm");
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"?(\\d+)");

    /** The newest of 17 or more that is not of this feature release. */
    public static @Nullable Jdk newestBut(int feature) {
        Jdk newest = null;
        if (Files.isDirectory(PLACE)) {
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(PLACE)) {
                for (Path home : homes) {
                    Jdk jdk = at(home);
                    if (jdk != null
                            && jdk.feature >= 17
                            && jdk.feature != feature
                            && (newest == null || jdk.feature > newest.feature)) {
                        newest = jdk;
                    }
                }
            } catch (IOException e) {
                throw new AssertionError("cannot look for JDKs in " + PLACE, e);
            }
        }
        return newest;
    }

    private static @Nullable Jdk at(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isReadable(release)
                || !Files.isExecutable(home.resolve("bin").resolve("java"))) {
            return null;
        }
        Matcher version = VERSION.matcher(Files.readString(release));
        return version.find() ? new Jdk(home.toString(), Integer.parseInt(version.group(1))) : null;
    }

    public Path home() {
        return Path.of(directory);
    }
}
