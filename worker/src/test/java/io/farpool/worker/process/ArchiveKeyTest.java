package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveKeyTest {
    private static final long HEAP = 1L << 30;

    @TempDir
    Path directory;

    private final JavaRuntime java = JavaRuntime.own();
    private Path first;
    private Path second;

    @BeforeEach
    void writeJars() throws IOException {
        first = Files.writeString(directory.resolve("first.jar"), "first");
        second = Files.writeString(directory.resolve("second.jar"), "second");
    }

    private ArchiveKey key(int runtimeEntries, Path... classPath) {
        return ArchiveKey.of(java, "a.Main", strings(classPath), runtimeEntries, HEAP);
    }

    private static List<String> strings(Path... paths) {
        return List.of(paths).stream().map(Path::toString).toList();
    }

    @Test
    void isTheSameWhateverFollowsTheRuntimesEntries() {
        assertThat(key(1, first, second)).isEqualTo(key(1, first));
        assertThat(key(1, first, second).entries()).containsExactly(first.toString());
        assertThat(key(1, first).name()).matches("[0-9a-f]{16}");
    }

    @Test
    void changesWithAJarsTimeOrSize() throws IOException {
        String before = key(2, first, second).name();
        Files.setLastModifiedTime(second, FileTime.fromMillis(1_000_000));
        String touched = key(2, first, second).name();
        Files.writeString(second, "longer than it was");
        Files.setLastModifiedTime(second, FileTime.fromMillis(1_000_000));
        String longer = key(2, first, second).name();
        assertThat(List.of(before, touched, longer)).doesNotHaveDuplicates();
    }

    @Test
    void changesWithTheOrderTheMainClassAndTheKindOfPointers() {
        assertThat(List.of(
                        key(2, first, second).name(),
                        key(2, second, first).name(),
                        ArchiveKey.of(java, "b.Main", strings(first, second), 2, HEAP)
                                .name(),
                        ArchiveKey.of(java, "a.Main", strings(first, second), 2, 64L << 30)
                                .name()))
                .doesNotHaveDuplicates();
    }

    @Test
    void thereIsNoneForEntriesThatAreNotToldApartOrAreNoFiles() {
        assertThat(key(0, first)).isNull();
        assertThat(key(-1, first)).isNull();
        assertThat(key(2, first)).isNull();
        assertThat(key(1, directory, first)).isNull();
        assertThat(key(2, first, directory.resolve("none.jar"))).isNull();
        assertThat(key(1, first, directory)).isNotNull();
    }

    @Test
    void thereIsNoneWithoutAJdkToKnowItBy() {
        JavaRuntime strange = new JavaRuntime(directory.resolve("bin").resolve("java"), 17);
        assertThat(ArchiveKey.of(strange, "a.Main", strings(first), 1, HEAP)).isNull();
    }
}
