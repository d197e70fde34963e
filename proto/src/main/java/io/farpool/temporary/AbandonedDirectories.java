package io.farpool.temporary;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds and removes what killed JVMs have left.
 *
 * <p>A directory is abandoned when the process whose id it bears is dead, or was started after the directory was last changed,
 * <em>and</em> nobody holds the lock in it: in a container other process ids are in use than outside, and a clock that was set
 * makes processes look younger than they are. Only real directories of this user are looked at. Two JVMs that sweep at once do each
 * other no harm.
 */
final class AbandonedDirectories {
    /** Not in the way of a program's first result. */
    private static final long DELAY_MILLIS = 1_000;

    /** A directory without its lock may be one that is just being made. */
    private static final Duration WITHOUT_LOCK = Duration.ofMinutes(1);

    /** Removed by one sweep; the rest is the next JVM's. */
    private static final int MAX_REMOVED = 1_000;

    /** Belongs to this process's user. Where there is none, nothing is swept. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private static final Pattern NAME = Pattern.compile(TemporaryDirectory.PREFIX
            + Stream.of(TemporaryDirectory.Kind.values())
                    .map(kind -> kind.infix)
                    .collect(Collectors.joining("|", "(?:", ")"))
            + "(\\d{1,18})-\\d+");
    private static final Logger log = LoggerFactory.getLogger(AbandonedDirectories.class);

    /** Where this JVM has looked: hardly more than the temporary directory and /tmp. */
    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private AbandonedDirectories() {}

    /** Sweeps a directory, unless this JVM has done that before. Returns at once. */
    static void sweepOnce(Path parent) {
        if (!SWEPT.add(parent)) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS);
                        List<Path> removed = sweep(parent, Files.getOwner(OWN_PROCESS));
                        log.debug("event=swept directory={} removed={}", parent, removed.size());
                    } catch (IOException e) {
                        log.debug("event=not-swept directory={}", parent, e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "farpool-sweep");
        thread.setDaemon(true);
        thread.start();
    }

    /** Removes what this user's dead JVMs have left in a directory; returns what that was. */
    static List<Path> sweep(Path parent, UserPrincipal user) throws IOException {
        List<Path> removed = new ArrayList<>();
        try (DirectoryStream<Path> named = Files.newDirectoryStream(parent, TemporaryDirectory.PREFIX + "*")) {
            for (Path directory : named) {
                if (removed.size() == MAX_REMOVED) {
                    break;
                }
                if (removeIfAbandoned(directory, user)) {
                    log.debug("event=abandoned-directory-removed directory={}", directory);
                    removed.add(directory);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return removed;
    }

    private static boolean removeIfAbandoned(Path directory, UserPrincipal user) {
        Matcher name = NAME.matcher(directory.getFileName().toString());
        if (!name.matches()) {
            return false;
        }
        long pid = Long.parseLong(name.group(1));
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isDirectory()
                    || !Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(user)
                    || livesSince(pid, attributes.lastModifiedTime())) {
                return false;
            }
            try (FileChannel channel = FileChannel.open(
                            directory.resolve(TemporaryDirectory.LOCK_FILE),
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    return false;
                }
                TemporaryDirectory.remove(directory);
            } catch (NoSuchFileException withoutLock) {
                if (attributes
                        .lastModifiedTime()
                        .toInstant()
                        .isAfter(Instant.now().minus(WITHOUT_LOCK))) {
                    return false;
                }
                TemporaryDirectory.remove(directory);
            }
            return true;
        } catch (IOException e) {
            log.debug("event=not-swept directory={}", directory, e);
            return false;
        }
    }

    /** Whether there is such a process, and it may be the one that made a directory which was last changed then. */
    private static boolean livesSince(long pid, FileTime changed) {
        if (pid == ProcessHandle.current().pid()) {
            return true;
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process -> process.info()
                        .startInstant()
                        .map(start -> !start.isAfter(changed.toInstant()))
                        .orElse(true))
                .orElse(false);
    }
}
