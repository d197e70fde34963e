package io.farpool.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.PayloadReference;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadFileTest {
    private static final byte[] BYTES = new byte[3_000_000];

    static {
        new Random(7).nextBytes(BYTES);
    }

    @TempDir
    Path directory;

    @Test
    void whatWasWrittenInPiecesIsThereWithItsSizeAndSum() throws IOException {
        PayloadFile file = written();
        CRC32C crc = new CRC32C();
        crc.update(BYTES);
        assertThat(file).isEqualTo(new PayloadFile(directory.resolve("payload"), BYTES.length, (int) crc.getValue()));
        assertThat(Files.readAllBytes(file.path())).isEqualTo(BYTES);
        assertThatCode(file::verify).doesNotThrowAnyException();
    }

    @Test
    void whatIsNotFinishedLeavesNoFile() throws IOException {
        Path path = directory.resolve("payload");
        try (PayloadWriter writer = PayloadWriter.create(path)) {
            writer.write(BYTES);
            assertThat(path).hasSize(BYTES.length);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void whatIsNotFinishedLeavesNoFileEvenIfItCannotBeClosed() throws IOException {
        Path path = Files.createFile(directory.resolve("payload"));
        PayloadWriter writer = new PayloadWriter(path, new ByteArrayOutputStream() {
            @Override
            public void close() throws IOException {
                throw new IOException("the disk is full");
            }
        });
        assertThatThrownBy(writer::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the disk is full");
        assertThat(path).doesNotExist();
    }

    @Test
    void aFileThatIsThereIsNotWrittenOver() throws IOException {
        PayloadFile file = written();
        assertThatThrownBy(() -> PayloadWriter.create(file.path())).isInstanceOf(FileAlreadyExistsException.class);
        assertThatCode(file::verify).doesNotThrowAnyException();
    }

    @Test
    void aByteThatHasChangedIsFound() throws IOException {
        PayloadFile file = written();
        byte[] damaged = BYTES.clone();
        damaged[1_234_567] ^= 1;
        Files.write(file.path(), damaged);
        assertThatThrownBy(file::verify)
                .isInstanceOf(PayloadDamagedException.class)
                .hasMessageContaining("3000000 bytes with the CRC32C")
                .hasMessageContaining("expected 3000000 bytes with " + Integer.toHexString(file.crc32c()));
    }

    @Test
    void aFileThatIsTooShortIsFound() throws IOException {
        PayloadFile file = written();
        Files.write(file.path(), new byte[17]);
        assertThatThrownBy(file::verify)
                .isInstanceOf(PayloadDamagedException.class)
                .hasMessageContaining("has 17 bytes");
    }

    @Test
    void aReferenceNamesItHereAndNotElsewhere() throws IOException {
        PayloadFile file = written();
        assertThat(PayloadFile.of(file.here())).isEqualTo(file);
        assertThat(file.elsewhere().getPath()).isEmpty();
        assertThatThrownBy(() -> PayloadFile.of(file.elsewhere()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected an absolute one");
        assertThatThrownBy(() -> PayloadFile.of(
                        PayloadReference.newBuilder().setPath("a/b").build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a/b'");
    }

    @Test
    void aDiscardedFileIsGoneAndMayBeDiscardedAgain() throws IOException {
        PayloadFile file = written();
        file.discard();
        assertThat(file.path()).doesNotExist();
        file.discard();
    }

    private PayloadFile written() throws IOException {
        try (PayloadWriter writer = PayloadWriter.create(directory.resolve("payload"))) {
            writer.write(BYTES[0]);
            writer.write(BYTES, 1, 999_999);
            writer.write(BYTES, 1_000_000, 2_000_000);
            return writer.finish();
        }
    }
}
