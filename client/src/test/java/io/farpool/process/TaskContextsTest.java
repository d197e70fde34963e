package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.ProcessProgress;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.wire.ProcessNotes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a task says of itself. */
class TaskContextsTest {
    /** More than a frame holds. */
    private static final String HUGE = "x".repeat(9 << 20);

    private final List<FromProcess> sent = new ArrayList<>();
    private final Outbox outbox = new Outbox(
            new Outbox.Sink() {
                @Override
                public void write(MessageLite frame) {
                    sent.add((FromProcess) frame);
                }

                @Override
                public void write(ByteBuffer frame) {
                    throw new AssertionError("no outcome is left");
                }
            },
            new ProcessNotes(ByteBuffer.allocate(1 << 10)),
            () -> {},
            Runnable::run);
    private final TaskContexts contexts =
            new TaskContexts(Prepare.getDefaultInstance(), new TaskThread(() -> {}), outbox);

    @Test
    void aHugeMessageIsCutWheneverItIsSent() {
        TaskContexts.InProcess task =
                contexts.enter(RunInProcess.newBuilder().setOrdinal(1).build());
        task.progress(0.25, HUGE);
        task.progress(0.5, HUGE); // too soon after that one: sent at the end
        contexts.leave(task);
        assertThat(sent)
                .extracting(FromProcess::getProgress)
                .extracting(ProcessProgress::getMessage)
                .containsExactly("x".repeat(4_096), "x".repeat(4_096));
    }

    @Test
    void noCharacterIsCutInTwo() {
        TaskContexts.InProcess task =
                contexts.enter(RunInProcess.newBuilder().setOrdinal(1).build());
        task.progress(0.25, "x".repeat(4_095) + "\uD83D\uDE00");
        contexts.leave(task);
        assertThat(sent)
                .extracting(FromProcess::getProgress)
                .extracting(ProcessProgress::getMessage)
                .containsExactly("x".repeat(4_095));
    }
}
