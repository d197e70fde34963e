package io.farpool.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryGroupsTest {
    @TempDir
    Path root;

    @BeforeEach
    void makeGroups() throws IOException {
        Files.createDirectories(root.resolve("outer/inner"));
        Files.createDirectories(root.resolve("memory/outer"));
    }

    @Test
    void thoseAroundTheInnermostFollowIt() {
        assertThat(of("0::/outer/inner")).containsExactly(root.resolve("outer/inner"), root.resolve("outer"), root);
    }

    @Test
    void oneThatIsNotMountedIsLeftOut() {
        assertThat(of("0::/elsewhere/inner")).containsExactly(root);
    }

    @Test
    void oneOutsideOfTheContainerIsStoodInForByTheRoot() {
        assertThat(of("0::/../../outer")).containsExactly(root);
        assertThat(of("0::/..")).containsExactly(root);
    }

    @Test
    void ofVersionOneOnlyTheMemoryControllersCount() {
        assertThat(of("9:cpu,cpuacct:/outer", "4:memory:/outer"))
                .containsExactly(root.resolve("memory/outer"), root.resolve("memory"));
    }

    @Test
    void whatIsNoLineOfThemIsLeftOut() {
        assertThat(of("", "nonsense", "1:")).isEmpty();
    }

    private List<Path> of(String... lines) {
        return MemoryGroups.of(List.of(lines), root);
    }
}
