package io.farpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.farpool.proto.v1.Payload;
import io.farpool.proto.v1.RunInProcess;
import io.farpool.proto.v1.ToProcess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final int MAX = 1 << 24;

    @Test
    void whatIsWrittenIsReadHoweverTheBytesAreSplitInTwo() throws IOException {
        List<ToProcess> messages = List.of(run(1, 10), ToProcess.getDefaultInstance(), run(2, 300), run(3, 0));
        byte[] bytes = written(messages);
        for (int split = 0; split <= bytes.length; split++) {
            FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), MAX);
            List<ToProcess> read = new ArrayList<>();
            reader.feed(ByteBuffer.wrap(bytes, 0, split), read::add);
            reader.feed(ByteBuffer.wrap(bytes, split, bytes.length - split), read::add);
            assertThat(read).as("split at %d", split).isEqualTo(messages);
            assertThat(reader.isWithinFrame()).isFalse();
        }
    }

    @Test
    void whatIsWrittenIsReadHoweverItIsCutUp() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<ToProcess> messages = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                messages.add(run(i, random.nextInt(random.nextInt(10) == 0 ? 3_000_000 : 2_000)));
            }
            byte[] bytes = written(messages);
            FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), MAX);
            List<ToProcess> read = new ArrayList<>();
            int at = 0;
            while (at < bytes.length) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 10 : 300_000));
                reader.feed(ByteBuffer.wrap(bytes, at, count), read::add);
                at += count;
            }
            assertThat(read.equals(messages)).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void aChannelIsReadToItsEnd() throws IOException {
        List<ToProcess> messages = List.of(run(1, 10), run(2, 100_000));
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(written(messages)));
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), MAX);
        List<ToProcess> read = new ArrayList<>();
        ByteBuffer scratch = ByteBuffer.allocateDirect(1_000);
        while (reader.read(channel, scratch, read::add) >= 0) {}
        assertThat(read).isEqualTo(messages);
    }

    @Test
    void aStreamThatEndsWithinAFrameIsAFault() throws IOException {
        byte[] bytes = written(List.of(run(1, 10)));
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes, 0, bytes.length - 1));
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), MAX);
        ByteBuffer scratch = ByteBuffer.allocate(1_000);
        reader.read(channel, scratch, message -> {});
        assertThatThrownBy(() -> reader.read(channel, scratch, message -> {}))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("within a frame");
    }

    @Test
    void aFrameLargerThanAgreedIsRefusedWhenItIsAnnounced() {
        for (byte[] length : new byte[][] {
            {(byte) 0x81, 0x08},
            {-1, -1, -1, -1, 7},
            {-1, -1, -1, -1, 15},
            {-128, -128, -128, -128, 8},
            {-1, -1, -1, -1, -1}
        }) {
            FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), 1_024);
            assertThatThrownBy(() -> reader.feed(ByteBuffer.wrap(length), message -> {}))
                    .isInstanceOf(FrameException.class);
        }
    }

    @Test
    void garbageIsAFaultOrAMessageAndNothingElse() {
        for (int seed = 0; seed < 2_000; seed++) {
            byte[] garbage = new byte[200];
            new Random(seed).nextBytes(garbage);
            FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), 64);
            try {
                reader.feed(ByteBuffer.wrap(garbage), message -> {});
            } catch (FrameException expected) {
                assertThat(expected).hasMessageContaining("frame");
            }
        }
    }

    @Test
    void aFrameThatHoldsNoMessageIsAFault() {
        FrameReader<ToProcess> reader = new FrameReader<>(ToProcess.parser(), 64);
        assertThatThrownBy(() -> reader.feed(ByteBuffer.wrap(new byte[] {2, 0x12, 5}), message -> {}))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("no message");
    }

    @Test
    void aMessageTooLargeToSendIsRefusedAndLeavesNothingBehind() {
        FrameWriter writer = new FrameWriter(Channels.newChannel(new ByteArrayOutputStream()), 100);
        assertThatThrownBy(() -> writer.add(run(1, 200)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 100");
        assertThat(writer.pendingBytes()).isZero();
    }

    @Test
    void aMessagesBytesAreAFrameLikeTheMessage() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(Channels.newChannel(bytes), MAX);
        List<ToProcess> messages = List.of(run(1, 10), run(2, 300_000), run(3, 5));
        messages.forEach(message -> writer.add(ByteBuffer.wrap(message.toByteArray())));
        assertThat(writer.flush()).isTrue();
        List<ToProcess> read = new ArrayList<>();
        new FrameReader<>(ToProcess.parser(), MAX).feed(ByteBuffer.wrap(bytes.toByteArray()), read::add);
        assertThat(read).isEqualTo(messages);
        assertThatThrownBy(() -> writer.add(ByteBuffer.allocate(MAX + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most " + MAX);
    }

    @Test
    void aChannelThatTakesLittleGetsEverythingInOrder() throws IOException {
        List<ToProcess> messages = List.of(run(1, 100_000), run(2, 400_000), run(3, 5), run(4, 50_000));
        Trickle trickle = new Trickle();
        trickle.configureBlocking(false);
        FrameWriter writer = new FrameWriter(trickle, MAX);
        messages.forEach(writer::add);
        int turns = 0;
        while (!writer.flush()) {
            turns++;
        }
        assertThat(turns).isGreaterThan(10);
        assertThat(writer.pendingBytes()).isZero();
        List<ToProcess> read = new ArrayList<>();
        new FrameReader<>(ToProcess.parser(), MAX).feed(ByteBuffer.wrap(trickle.bytes.toByteArray()), read::add);
        assertThat(read).isEqualTo(messages);
    }

    @Test
    void aBlockingChannelThatTakesLittleGetsEverythingAtOnce() throws IOException {
        List<ToProcess> messages = List.of(run(1, 100_000), run(2, 400_000));
        Trickle trickle = new Trickle();
        FrameWriter writer = new FrameWriter(trickle, MAX);
        messages.forEach(writer::add);
        assertThat(writer.flush()).isTrue();
        List<ToProcess> read = new ArrayList<>();
        new FrameReader<>(ToProcess.parser(), MAX).feed(ByteBuffer.wrap(trickle.bytes.toByteArray()), read::add);
        assertThat(read).isEqualTo(messages);
    }

    private static ToProcess run(long ordinal, int payloadBytes) {
        byte[] bytes = new byte[payloadBytes];
        new Random(ordinal).nextBytes(bytes);
        return ToProcess.newBuilder()
                .addRuns(RunInProcess.newBuilder()
                        .setOrdinal(ordinal)
                        .setPayload(Payload.newBuilder().setInline(ByteString.copyFrom(bytes))))
                .build();
    }

    private static byte[] written(List<ToProcess> messages) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(Channels.newChannel(bytes), MAX);
        messages.forEach(writer::add);
        assertThat(writer.flush()).isTrue();
        return bytes.toByteArray();
    }

    /** Takes no more than 10,000 bytes at once. */
    private static final class Trickle extends AbstractSelectableChannel implements WritableByteChannel {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Trickle() {
            super(SelectorProvider.provider());
        }

        @Override
        public int write(ByteBuffer source) {
            byte[] taken = new byte[Math.min(10_000, source.remaining())];
            source.get(taken);
            bytes.writeBytes(taken);
            return taken.length;
        }

        @Override
        public int validOps() {
            return SelectionKey.OP_WRITE;
        }

        @Override
        protected void implConfigureBlocking(boolean blocking) {}

        @Override
        protected void implCloseSelectableChannel() {}
    }
}
