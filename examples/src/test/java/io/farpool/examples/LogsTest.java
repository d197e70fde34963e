package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsTest {
    private static Logs.Counts count(String text) throws IOException {
        return Logs.count(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void countsLinesNotOccurrences() throws IOException {
        assertThat(count("ERROR ERROR\nWARN then ERROR\nWARNING\nfine\n")).isEqualTo(new Logs.Counts(4, 2, 2));
    }

    @Test
    void anEmptyLogHasNoLines() throws IOException {
        assertThat(count("")).isEqualTo(new Logs.Counts(0, 0, 0));
    }

    @Test
    void countsALastLineWithoutAnEnd() throws IOException {
        assertThat(count("\n\nlast ERROR")).isEqualTo(new Logs.Counts(3, 1, 0));
    }

    @Test
    void onlyALineFeedEndsALine() throws IOException {
        assertThat(count("ERROR\rERROR\r\n\u0085WARN\n")).isEqualTo(new Logs.Counts(2, 1, 1));
    }

    @Test
    void bytesThatAreNoUtf8DoNotMatter() throws IOException {
        assertThat(count("\u00ff\u00feERROR\u00c3\n\u0000WARN\n")).isEqualTo(new Logs.Counts(2, 1, 1));
    }

    @Test
    void findsAWordAfterAFalseStart() throws IOException {
        assertThat(count("ERERROR\nERRERROR\nWAWARN\nERR OR\nERRO\nR\nerror\n")).isEqualTo(new Logs.Counts(7, 2, 1));
    }

    @Test
    void findsAWordThatStraddlesTwoReads() throws IOException {
        for (int before = (1 << 16) - 6; before <= (1 << 16) + 1; before++) {
            assertThat(count(".".repeat(before) + "ERROR\n"))
                    .as("word at %d", before)
                    .isEqualTo(new Logs.Counts(1, 1, 0));
        }
    }

    @Test
    void unpacksWhatIsNamedGz(@TempDir Path folder) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("ERROR\nWARN\n\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        Path file = Files.write(folder.resolve("old.log.gz"), packed.toByteArray());
        assertThat(Logs.count(file)).isEqualTo(new Logs.Counts(3, 1, 1));
    }

    @Test
    void aMissingFileIsAnError(@TempDir Path folder) {
        assertThatThrownBy(() -> Logs.count(folder.resolve("gone.log"))).isInstanceOf(NoSuchFileException.class);
    }
}
