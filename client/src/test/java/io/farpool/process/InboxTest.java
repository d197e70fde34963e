package io.farpool.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.proto.v1.FromProcess;
import io.farpool.proto.v1.Prepare;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import io.farpool.shared.SharedCopies;
import io.farpool.wire.FrameException;
import io.farpool.wire.ProcessNotes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When the task thread looks into its socket between two tasks. The test is the task thread, and the daemon. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InboxTest {
    @TempDir
    Path directory;

    private long nowNanos = -7;
    private TestDaemon daemon;
    private Inbox inbox;

    @BeforeEach
    void connect() throws IOException {
        daemon = new TestDaemon(directory);
        Outbox outbox =
                new Outbox(daemon.connection, new ProcessNotes(ByteBuffer.allocate(1 << 10)), () -> {}, Runnable::run);
        inbox = new Inbox(
                daemon.connection, outbox, new TaskThread(() -> {}), new SharedCopies(digest -> {}), () -> nowNanos);
    }

    @AfterEach
    void disconnect() throws IOException {
        daemon.close();
    }

    @Test
    void whatLiesInTheSocketCountsWhenSeveralCome() throws IOException {
        order(1, 2);
        assertThat(inbox.take()).extracting(RunInProcess::getOrdinal).isEqualTo(1L);
        order(3);
        assertThat(inbox.has(1)).isTrue();
        assertThat(inbox.has(2)).isTrue();
        assertThat(inbox.has(3)).isFalse();
    }

    @Test
    void oneThatCameAloneCostsNoLook() throws IOException {
        order(1);
        assertThat(inbox.take()).isNotNull();
        order(2);
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        assertThat(inbox.has(2)).isFalse();
        assertThat(daemon.connection.poll()).hasSize(1);
    }

    @Test
    void whatIsAskedBackIsHeardAfterSomeMilliseconds() throws IOException {
        order(1, 2, 3);
        assertThat(inbox.take()).isNotNull();
        daemon.say(ToProcess.newBuilder().addWithdraw(3));
        nowNanos += TimeUnit.MILLISECONDS.toNanos(4) - 1;
        assertThat(inbox.has(2)).isTrue();
        nowNanos++;
        assertThat(inbox.has(2)).isFalse();
        assertThat(daemon.hear())
                .containsExactly(FromProcess.newBuilder().addWithdrawn(3).build());
    }

    @Test
    void theDaemonsEndIsHeardBesideATaskAfterItHasSaidStop() throws IOException {
        daemon.say(ToProcess.newBuilder().setStop(true));
        inbox.readWhile(() -> true);
        inbox.readWhile(() -> true);
        daemon.hangUp();
        assertThatThrownBy(() -> inbox.readWhile(() -> true)).isInstanceOf(EOFException.class);
    }

    @Test
    void whatComesWithPrepareIsNotLost() throws IOException {
        daemon.say(ToProcess.newBuilder().setPrepare(Prepare.newBuilder().setHost("here")));
        order(1);
        assertThat(inbox.takePrepare().getHost()).isEqualTo("here");
        assertThat(inbox.poll()).extracting(RunInProcess::getOrdinal).isEqualTo(1L);
    }

    @Test
    void whatComesInPlaceOfPrepareIsRefused() throws IOException {
        order(1);
        assertThatThrownBy(() -> inbox.takePrepare())
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("Prepare");
    }

    private void order(long... ordinals) throws IOException {
        ToProcess.Builder runs = ToProcess.newBuilder();
        for (long ordinal : ordinals) {
            runs.addRuns(RunInProcess.newBuilder().setOrdinal(ordinal));
        }
        daemon.say(runs);
    }
}
