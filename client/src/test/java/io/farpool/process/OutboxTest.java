package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.PayloadReference;
import io.farpool.proto.v1.ProcessOutcome;
import io.farpool.wire.ProcessNotes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which outcomes leave together. Frames are kept in place of being sent. */
class OutboxTest {
    private static final int MANY = 9;
    private static final long MILLISECOND = 1_000_000;

    @TempDir
    Path directory;

    private final List<FromProcess> sent = new ArrayList<>();
    /** What had been left, as the daemon would have found it, when a frame was sent. */
    private final List<FromProcess> notedThen = new ArrayList<>();

    private long nowNanos = -5;
    private Path notes;
    private Outbox outbox;

    @BeforeEach
    void open() throws IOException {
        notes = directory.resolve("notes");
        ProcessNotes daemons = ProcessNotes.create(notes);
        assertThat(daemons.startedLast()).isZero();
        outbox = new Outbox(
                new Outbox.Sink() {
                    @Override
                    public void write(MessageLite frame) throws IOException {
                        notedThen.add(noted());
                        sent.add((FromProcess) frame);
                    }

                    @Override
                    public void write(ByteBuffer frame) throws IOException {
                        write(FromProcess.parseFrom(frame));
                    }
                },
                ProcessNotes.open(notes),
                () -> {
                    throw new AssertionError("the daemon is not gone");
                },
                Runnable::run,
                () -> nowNanos);
    }

    @Test
    void oneThatComesAloneLeavesAtOnce() {
        assertThat(leaves(result(1, 10), 0)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L));
    }

    @Test
    void asManyAsTasksWaitLeaveTogether() {
        assertThat(leaves(result(1, 10), 3)).isTrue();
        assertThat(leaves(result(2, 10), 2)).isFalse();
        assertThat(leaves(result(3, 10), 2)).isTrue();
        assertThat(leaves(result(4, 10), 3)).isTrue();
        assertThat(leaves(result(5, 10), 2)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L, 2L), List.of(3L, 4L, 5L));
    }

    @Test
    void thoseOfMicrosecondsLeaveWhenNoTaskWaits() {
        assertThat(leaves(brief(1), 3)).isTrue();
        assertThat(leaves(brief(2), 2)).isTrue();
        assertThat(leaves(brief(3), 1)).isTrue();
        assertThat(leaves(brief(4), 0)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L, 2L, 3L, 4L));
    }

    @Test
    void noneWaitsForLongerThan8Milliseconds() {
        assertThat(leaves(result(1, 10), MANY)).isTrue();
        nowNanos += 8 * MILLISECOND - 1;
        assertThat(outbox.nanosUntilDue()).isEqualTo(1);
        outbox.flushIfDue();
        assertThat(sent).isEmpty();
        assertThat(leaves(result(2, 10), MANY)).isTrue();
        nowNanos++;
        outbox.flushIfDue();
        assertThat(ordinals()).containsExactly(List.of(1L, 2L));
        assertThat(leaves(result(3, 10), MANY)).isTrue();
        nowNanos += 8 * MILLISECOND;
        assertThat(leaves(result(4, 10), MANY)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L, 2L), List.of(3L, 4L));
    }

    @Test
    void whatIsLeftIsNotedUntilItHasBeenSent() throws IOException {
        assertThat(leaves(result(1, 10), MANY)).isTrue();
        assertThat(noted().getOutcomesList()).containsExactly(result(1, 10));
        outbox.flush();
        assertThat(notedThen).isEqualTo(sent);
        assertThat(noted()).isEqualTo(FromProcess.getDefaultInstance());
    }

    @Test
    void whatTheNotesHaveNoRoomForIsSentInOrder() {
        assertThat(leaves(result(1, 40_000), MANY)).isTrue();
        assertThat(leaves(result(2, 40_000), MANY)).isTrue();
        assertThat(leaves(result(3, 70_000), MANY)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L), List.of(2L), List.of(3L));
        assertThat(notedThen.get(2)).isEqualTo(FromProcess.getDefaultInstance());
    }

    @Test
    void oneThatNamesAFileIsNotNoted() {
        assertThat(leaves(result(1, 10), MANY)).isTrue();
        ProcessOutcome file = ProcessOutcome.newBuilder()
                .setOrdinal(2)
                .setResult(Payload.newBuilder()
                        .setReference(PayloadReference.newBuilder().setPath("/result")))
                .build();
        assertThat(leaves(file, MANY)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L), List.of(2L));
        assertThat(notedThen.get(1)).isEqualTo(FromProcess.getDefaultInstance());
    }

    @Test
    void theOutcomeOfALongTaskWaitsForNothing() {
        ProcessOutcome slow =
                result(2, 10).toBuilder().setRunNanos(9 * MILLISECOND).build();
        assertThat(leaves(result(1, 10), MANY)).isTrue();
        assertThat(leaves(slow, MANY)).isFalse();
        assertThat(ordinals()).containsExactly(List.of(1L, 2L));
    }

    @Test
    void whatElseIsSaidComesAfterIt() {
        assertThat(leaves(result(1, 10), MANY)).isTrue();
        outbox.send(FromProcess.newBuilder().addWithdrawn(5).build());
        assertThat(sent)
                .containsExactly(
                        FromProcess.newBuilder().addOutcomes(result(1, 10)).build(),
                        FromProcess.newBuilder().addWithdrawn(5).build());
    }

    /** As the task thread does, while so many tasks wait. */
    private boolean leaves(ProcessOutcome outcome, int waiting) {
        return outbox.outcome(outcome, waiting >= outbox.enough(outcome));
    }

    private FromProcess noted() throws IOException {
        return ProcessNotes.unsent(notes);
    }

    private List<List<Long>> ordinals() {
        return sent.stream()
                .map(frame -> frame.getOutcomesList().stream()
                        .map(ProcessOutcome::getOrdinal)
                        .toList())
                .toList();
    }

    private static ProcessOutcome result(long ordinal, int bytes) {
        return ProcessOutcome.newBuilder()
                .setOrdinal(ordinal)
                .setResult(Payload.newBuilder().setInline(ByteString.copyFrom(new byte[bytes])))
                .setRunNanos(2 * MILLISECOND)
                .build();
    }

    private static ProcessOutcome brief(long ordinal) {
        return result(ordinal, 10).toBuilder().setRunNanos(1_000).build();
    }
}
