package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSearchTest {
    @TempDir
    private Path root;

    private Path file(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    @Test
    void findsWantedFilesAtAnyDepthInOrder() throws IOException {
        Path b = file("x/y/b.log");
        Path a = file("a.log");
        file("a.txt");
        FileSearch search = FileSearch.under(root, file -> file.toString().endsWith(".log"), null);
        assertThat(search.files()).containsExactly(a, b);
        assertThat(search.failures()).isEmpty();
    }

    @Test
    void leavesOutTheExcludedFolderAndFoldersWithTheNameOfAFile() throws IOException {
        Path inside = file("folder.log/kept.log");
        file("out/left-out.log");
        FileSearch search = FileSearch.under(root, file -> file.toString().endsWith(".log"), root.resolve("out"));
        assertThat(search.files()).containsExactly(inside);
    }

    @Test
    void takesLinksToFilesEvenBrokenOnesButDoesNotFollowLinksToFolders() throws IOException {
        Path real = file("real/a.log");
        Path link = Files.createSymbolicLink(root.resolve("link.log"), real);
        Path broken = Files.createSymbolicLink(root.resolve("broken.log"), root.resolve("gone"));
        Files.createSymbolicLink(root.resolve("loop"), root);
        Files.createSymbolicLink(root.resolve("folder.log"), root.resolve("real"));
        FileSearch search = FileSearch.under(root, file -> file.toString().endsWith(".log"), null);
        assertThat(search.files()).containsExactly(broken, link, real);
    }
}
