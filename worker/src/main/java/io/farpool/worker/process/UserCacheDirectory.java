package io.farpool.worker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a user's programs may keep what makes the next one start faster: {@code $XDG_CACHE_HOME/farpool/class-data}, or
 * {@code ~/.cache/farpool/class-data}. It is the user's alone: who could write there could run code as this user.
 */
final class UserCacheDirectory {
    private static final Set<PosixFilePermission> OWNERS_ALONE = PosixFilePermissions.fromString("rwx------");
    private static final Logger log = LoggerFactory.getLogger(UserCacheDirectory.class);

    private UserCacheDirectory() {}

    /** Made if need be; null where it cannot be had, or is not this user's alone. */
    static @Nullable Path find() {
        return find(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
    }

    static @Nullable Path find(@Nullable String cacheHome, @Nullable String home) {
        Path base;
        if (cacheHome != null && cacheHome.startsWith("/")) {
            base = Path.of(cacheHome);
        } else if (home != null && home.startsWith("/")) {
            base = Path.of(home, ".cache");
        } else {
            return null;
        }
        return usable(base.resolve("farpool").resolve("class-data"));
    }

    /** The directory, made if need be; null if it cannot be used. */
    static @Nullable Path usable(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNERS_ALONE));
            }
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
            Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            if (Files.isSymbolicLink(directory)
                    || !OWNERS_ALONE.containsAll(permissions)
                    || !owner.equals(self)
                    || !Files.isWritable(directory)) {
                log.debug(
                        "event=archives-off directory={} reason=\"not this user's alone, or not writable\"", directory);
                return null;
            }
            return directory.toRealPath();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException | SecurityException e) {
            log.debug("event=archives-off directory={} reason=\"{}\"", directory, e.toString());
            return null;
        }
    }
}
