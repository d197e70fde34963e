package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.ProcessOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both ends have mapped the same file. */
class ProcessNotesTest {
    @TempDir
    Path directory;

    private Path file;
    private ProcessNotes daemons;
    private ProcessNotes processes;

    @BeforeEach
    void map() throws IOException {
        file = directory.resolve("notes");
        daemons = ProcessNotes.create(file);
        processes = ProcessNotes.open(file);
    }

    @Test
    void theDaemonSeesWhatWasStartedLast() {
        assertThat(daemons.startedLast()).isZero();
        processes.started(7);
        assertThat(daemons.startedLast()).isEqualTo(7);
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatIsNoFileIsNotRead() throws Exception {
        Files.delete(file);
        // A process is user code, and nobody ever writes to this.
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> ProcessNotes.unsent(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a file");
    }

    @Test
    void theDaemonFindsWhatHasBeenLeftAndNotSent() throws IOException {
        assertThat(ProcessNotes.unsent(file)).isEqualTo(FromProcess.getDefaultInstance());
        assertThat(processes.leave(outcome(1, 10))).isTrue();
        assertThat(processes.leave(outcome(2, 1_000))).isTrue();
        FromProcess both = FromProcess.newBuilder()
                .addOutcomes(outcome(1, 10))
                .addOutcomes(outcome(2, 1_000))
                .build();
        assertThat(ProcessNotes.unsent(file)).isEqualTo(both);
        assertThat(FromProcess.parseFrom(processes.left())).isEqualTo(both);
        processes.sent();
        assertThat(ProcessNotes.unsent(file)).isEqualTo(FromProcess.getDefaultInstance());
        assertThat(processes.leave(outcome(3, 10))).isTrue();
        assertThat(ProcessNotes.unsent(file).getOutcomesList()).containsExactly(outcome(3, 10));
    }

    @Test
    void whatThereIsNoRoomForIsNotLeft() throws IOException {
        assertThat(processes.leave(outcome(1, 40_000))).isTrue();
        assertThat(processes.leave(outcome(2, 40_000))).isFalse();
        assertThat(ProcessNotes.unsent(file).getOutcomesList()).containsExactly(outcome(1, 40_000));
        processes.sent();
        assertThat(processes.leave(outcome(2, 40_000))).isTrue();
    }

    @Test
    void aFileOfADaemonThatKnowsOnlyTheMarkerTakesNothingElse() throws IOException {
        Path small = Files.write(directory.resolve("small"), new byte[Long.BYTES]);
        ProcessNotes notes = ProcessNotes.open(small);
        notes.started(3);
        assertThat(notes.leave(outcome(3, 0))).isFalse();
        assertThat(Files.readAllBytes(small)).containsExactly(3, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void nonsenseIsNotTakenForOutcomes() throws IOException {
        write(8, -1);
        assertThatThrownBy(() -> ProcessNotes.unsent(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("that -1 have");
        write(8, ProcessNotes.FILE_BYTES);
        assertThatThrownBy(() -> ProcessNotes.unsent(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected 0 to " + (ProcessNotes.FILE_BYTES - 16));
        write(8, ProcessNotes.FILE_BYTES - 15);
        assertThatThrownBy(() -> ProcessNotes.unsent(file)).isInstanceOf(IOException.class);
        write(8, 8);
        write(16, -1);
        assertThatThrownBy(() -> ProcessNotes.unsent(file)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatHasBeenCutIsNotTakenForOutcomes() throws IOException {
        assertThat(processes.leave(outcome(1, 10_000))).isTrue();
        for (int bytes : new int[] {5_000, 16, 15, 0}) {
            cut(bytes);
            assertThatThrownBy(() -> ProcessNotes.unsent(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("notes of " + bytes + " bytes");
        }
    }

    private void cut(int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    @Test
    void aFileThatIsThereIsSomebodyElses() {
        assertThatThrownBy(() -> ProcessNotes.create(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    private void write(long position, long value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(0, value);
            assertThat(channel.write(bytes, position)).isEqualTo(Long.BYTES);
        }
    }

    private static ProcessOutcome outcome(long ordinal, int resultBytes) {
        return ProcessOutcome.newBuilder()
                .setOrdinal(ordinal)
                .setResult(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[resultBytes])))
                .build();
    }
}
