package io.farpool.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.farpool.blob.BlobDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedInPlaceTest {
    @TempDir
    Path directory;

    private final SharedInPlace shared = new SharedInPlace();

    @Test
    void aValueThatIsSharedAnewIsThereThoughTheWordOfItsEndComesLater() throws IOException {
        Path first = Files.writeString(directory.resolve("1"), "value");
        BlobDigest digest = BlobDigest.ofFile(first);
        shared.add(digest, first);
        Files.delete(first);
        Path second = Files.writeString(directory.resolve("2"), "value");
        shared.add(digest, second);
        shared.releaseShared("", List.of(digest.toWire()));
        assertThat(find(digest)).isCompletedWithValue(second);
    }

    @Test
    void aFileThatHasGoneIsNotGiven() throws IOException {
        Path file = Files.writeString(directory.resolve("1"), "value");
        BlobDigest digest = BlobDigest.ofFile(file);
        shared.add(digest, file);
        assertThat(find(digest)).isCompletedWithValue(file);
        Files.delete(file);
        assertThat(find(digest)).isCompletedExceptionally();
    }

    private CompletionStage<Path> find(BlobDigest digest) {
        return shared.shared("", digest.toWire(), true);
    }
}
