package io.farpool.temporary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryDirectoryTest {
    private static long deadPid;

    @TempDir
    private Path parent;

    @BeforeAll
    static void findADeadPid() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        deadPid = process.pid();
    }

    @Test
    void bearsThePidIsPrivateAndGoesWithAllThatIsInIt() throws IOException {
        TemporaryDirectory directory = TemporaryDirectory.create(parent, TemporaryDirectory.Kind.CACHE);
        assertThat(directory.path().getFileName().toString())
                .matches("farpool-cache-" + ProcessHandle.current().pid() + "-\\d+");
        assertThat(Files.getPosixFilePermissions(directory.path())).hasSize(3);
        Files.writeString(
                Files.createDirectories(directory.path().resolve("a/b")).resolve("c"), "");
        directory.close();
        directory.close();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aSweepRemovesWhatTheDeadHaveLeft() throws IOException {
        Path daemon = left("farpool-" + deadPid + "-12345");
        Path cache = left("farpool-cache-" + deadPid + "-12345");
        Path bundle = left("farpool-bundle-" + deadPid + "-12345");
        Path coordinator = left("farpool-coordinator-" + deadPid + "-12345");
        assertThat(sweep()).containsExactlyInAnyOrder(daemon, cache, bundle, coordinator);
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aSweepLeavesTheDirectoriesOfTheLivingAndWhatIsNoneOfOurs() throws IOException {
        TemporaryDirectory own = TemporaryDirectory.create(parent, TemporaryDirectory.Kind.DAEMON);
        long other = ProcessHandle.current().parent().orElseThrow().pid();
        left("farpool-" + other + "-12345");
        left("farpool-results-" + deadPid + "-12345");
        left("farpool-" + deadPid + "-12345-copy");
        Files.writeString(parent.resolve("farpool-" + deadPid + "-12345"), "a file");
        assertThat(sweep()).isEmpty();
        own.close();
    }

    @Test
    void aSweepFollowsNoLink() throws IOException {
        Path elsewhere = Files.createDirectories(parent.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("precious"), "");
        Path link = parent.resolve("farpool-" + deadPid + "-1");
        Files.createSymbolicLink(link, elsewhere);
        Path directory = left("farpool-" + deadPid + "-2");
        Files.createSymbolicLink(directory.resolve("inner"), elsewhere);
        assertThat(sweep()).containsExactly(directory);
        assertThat(link).isSymbolicLink();
        assertThat(elsewhere.resolve("precious")).exists();
    }

    @Test
    void aSweepLeavesWhatIsLockedHoweverDeadItsPidLooks() throws Exception {
        Path directory = left("farpool-" + deadPid + "-1");
        Path lock = directory.resolve(TemporaryDirectory.LOCK_FILE);
        // Held by another process, as in another container: flock(1)'s locks are of another kind than Java's.
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        lock.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('.');
            assertThat(sweep()).isEmpty();
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(sweep()).containsExactly(directory);
    }

    /** Holds a lock until it is killed. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] args) throws Exception {
            try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                if (channel.tryLock() != null) {
                    System.out.print('.');
                    System.out.flush();
                    Thread.sleep(60_000);
                }
            }
        }
    }

    @Test
    void aDirectoryWithoutItsLockMayBeOneThatIsBeingMade() throws IOException {
        Path directory = left("farpool-" + deadPid + "-1");
        Files.delete(directory.resolve(TemporaryDirectory.LOCK_FILE));
        assertThat(sweep()).isEmpty();
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minusSeconds(120)));
        assertThat(sweep()).containsExactly(directory);
    }

    @Test
    void aDirectoryOlderThanTheProcessThatHasItsPidNowIsAbandoned() throws Exception {
        Process young = new ProcessBuilder("sleep", "60").start();
        try {
            Path directory = left("farpool-" + young.pid() + "-1");
            assertThat(sweep()).isEmpty();
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minusSeconds(3_600)));
            assertThat(sweep()).containsExactly(directory);
        } finally {
            young.destroyForcibly().waitFor();
        }
    }

    private Path left(String name) throws IOException {
        Path directory = Files.createDirectory(parent.resolve(name));
        Files.writeString(directory.resolve("something"), "");
        return Files.writeString(directory.resolve(TemporaryDirectory.LOCK_FILE), "")
                .getParent();
    }

    private List<Path> sweep() throws IOException {
        UserPrincipal user = Files.getOwner(parent);
        return AbandonedDirectories.sweep(parent, user);
    }
}
