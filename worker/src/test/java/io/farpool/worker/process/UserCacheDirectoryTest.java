package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCacheDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void isMadeForItsOwnerAlone() throws IOException {
        Path cacheHome = directory.toRealPath().resolve("cache");
        Path found = UserCacheDirectory.find(cacheHome.toString(), "/nowhere");
        assertThat(found).isEqualTo(cacheHome.resolve("farpool").resolve("class-data"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(found)))
                .isEqualTo("rwx------");
        assertThat(UserCacheDirectory.find(cacheHome.toString(), "/nowhere")).isEqualTo(found);
    }

    @Test
    void isInTheHomeDirectoryWhenNothingElseIsSaid() throws IOException {
        Path home = directory.toRealPath();
        assertThat(UserCacheDirectory.find(null, home.toString())).isEqualTo(home.resolve(".cache/farpool/class-data"));
        assertThat(UserCacheDirectory.find("relative", home.toString()))
                .isEqualTo(home.resolve(".cache/farpool/class-data"));
        assertThat(UserCacheDirectory.find(null, "?")).isNull();
        assertThat(UserCacheDirectory.find(null, null)).isNull();
    }

    @Test
    void isNotUsedWhereOthersMayWriteOrRead() throws IOException {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(UserCacheDirectory.usable(open)).isNull();
    }

    @Test
    void isNotUsedThroughALinkOfItsOwnName() throws IOException {
        Path real = Files.createDirectory(
                directory.resolve("real"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        assertThat(UserCacheDirectory.usable(real)).isNotNull();
        assertThat(UserCacheDirectory.usable(Files.createSymbolicLink(directory.resolve("link"), real)))
                .isNull();
    }

    @Test
    void isNotUsedWhereItCannotBeMade() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(UserCacheDirectory.usable(file.resolve("class-data"))).isNull();
        assertThat(UserCacheDirectory.usable(file)).isNull();
    }
}
