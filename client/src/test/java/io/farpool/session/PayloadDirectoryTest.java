package io.farpool.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PayloadDirectoryTest {
    private final PayloadDirectory directory = new PayloadDirectory();

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void eachFileHasANameOfItsOwnInOneDirectoryForNobodyElsesEyes() throws IOException {
        Path first = directory.newFile();
        Path second = directory.newFile();
        assertThat(first).isNotEqualTo(second).doesNotExist();
        assertThat(first.getParent()).isEqualTo(second.getParent()).isDirectory();
        assertThat(first.getParent().getFileName().toString()).startsWith("farpool-payloads-");
    }

    @Test
    void itStaysUntilItsLastFileIsDiscardedAfterTheEnd() throws IOException {
        Path first = Files.writeString(directory.newFile(), "first");
        Path second = directory.newFile();
        directory.end();
        assertThat(first).exists();
        directory.discard(first);
        assertThat(first).doesNotExist();
        assertThat(first.getParent()).exists();
        directory.discard(second);
        assertThat(first.getParent()).doesNotExist();
    }

    @Test
    void aFileThatIsMadeAfterTheEndTakesItWithItWhenItGoes() throws IOException {
        directory.discard(directory.newFile());
        directory.end();
        Path late = directory.newFile();
        assertThat(late.getParent()).isDirectory();
        directory.discard(late);
        assertThat(late.getParent()).doesNotExist();
    }

    @Test
    void itIsMadeForAThreadThatHasBeenInterruptedToo() throws IOException {
        Thread.currentThread().interrupt();
        Path file = directory.newFile();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(file.getParent()).isDirectory();
    }

    @Test
    void nothingIsMadeAfterItHasBeenClosed() throws IOException {
        Path file = Files.writeString(directory.newFile(), "left");
        directory.close();
        assertThat(file.getParent()).doesNotExist();
        assertThatThrownBy(directory::newFile).isInstanceOf(IOException.class).hasMessage("the JVM exits");
    }
}
