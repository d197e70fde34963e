package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveFilesTest {
    private static final String KEY = "0123456789abcdef";

    @TempDir
    Path directory;

    private ArchiveFiles files;

    @BeforeEach
    void open() {
        files = new ArchiveFiles(directory);
    }

    private Path made(String key) throws IOException {
        return Files.write(directory.resolve(key + "-1.made"), new byte[100_000]);
    }

    private static void age(Path file, Duration by) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - by.toMillis()));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatWasMadeIsFoundUnderANameThatSaysWhatItIs() throws IOException {
        assertThat(files.find(KEY)).isNull();
        made(KEY);
        Path archive = files.find(KEY);
        assertThat(archive.getFileName().toString()).matches(KEY + "-100000-[0-9a-f]{1,8}\\.jsa");
        assertThat(files.find(KEY)).isEqualTo(archive);
        assertThat(new ArchiveFiles(directory).find(KEY)).isEqualTo(archive);
        assertThat(files.find("fedcba9876543210")).isNull();
    }

    @Test
    void whatIsBeingMadeIsNotFound() throws IOException {
        assertThat(files.isBeingMade(KEY)).isFalse();
        Path part = files.begin(KEY);
        Files.write(part, new byte[1_000]);
        assertThat(files.find(KEY)).isNull();
        assertThat(files.isBeingMade(KEY)).isTrue();
        assertThat(files.isBeingMade("fedcba9876543210")).isFalse();
    }

    @Test
    void aDamagedOneIsRemoved() throws IOException {
        made(KEY);
        Path archive = files.find(KEY);
        byte[] bytes = Files.readAllBytes(archive);
        bytes[50_000] = 1;
        Files.write(archive, bytes);
        age(archive, Duration.ofMinutes(1));
        assertThat(files.find(KEY)).isNull();
        assertThat(names()).isEmpty();
    }

    @Test
    void aTruncatedOneIsRemoved() throws IOException {
        made(KEY);
        Path archive = files.find(KEY);
        Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), 99_999));
        assertThat(new ArchiveFiles(directory).find(KEY)).isNull();
        assertThat(names()).isEmpty();
    }

    @Test
    void anEmptyOneIsNoneAndRemoved() throws IOException {
        Files.write(directory.resolve(KEY + "-1.made"), new byte[0]);
        assertThat(files.find(KEY)).isNull();
        assertThat(names()).isEmpty();
    }

    @Test
    void aFileThatWasRemovedIsNoLongerFound() throws IOException {
        made(KEY);
        Files.delete(files.find(KEY));
        assertThat(files.find(KEY)).isNull();
    }

    @Test
    void whatCrashesHaveLeftIsRemovedAndOfArchivesTheLeastRecentlyUsedPastTheBound() throws IOException {
        age(files.begin(KEY), Duration.ofMinutes(10));
        age(made("1123456789abcdef"), Duration.ofDays(2));
        for (int i = 0; i < ArchiveFiles.MOST + 2; i++) {
            String key = "%016x".formatted(i);
            made(key);
            age(files.find(key), Duration.ofMinutes(i));
        }
        Path foreign = Files.writeString(directory.resolve("notes.txt"), "mine");
        assertThat(files.isBeingMade(KEY)).isFalse();
        assertThat(names())
                .hasSize(ArchiveFiles.MOST - 1 + 1)
                .contains(foreign.getFileName().toString())
                .anyMatch(name -> name.startsWith("%016x".formatted(0)))
                .noneMatch(name -> name.startsWith("%016x".formatted(ArchiveFiles.MOST - 1)));
    }

    @Test
    void aDirectoryThatHasGoneHoldsNone() throws IOException {
        Files.delete(directory);
        assertThat(files.find(KEY)).isNull();
        assertThat(files.isBeingMade(KEY)).isFalse();
        Files.createDirectory(directory);
    }
}
